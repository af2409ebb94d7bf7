"""`metaflow-gcp status`: what is deployed, whether it works, and what tasks wait for."""
