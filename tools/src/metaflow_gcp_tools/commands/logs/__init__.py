"""`metaflow-gcp logs`: what the pods of a run wrote, also after they are gone."""
