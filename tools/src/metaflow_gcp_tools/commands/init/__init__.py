"""`metaflow-gcp init`: the settings of a new platform."""
