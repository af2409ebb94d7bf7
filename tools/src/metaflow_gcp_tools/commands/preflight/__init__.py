"""`metaflow-gcp preflight`: whether a deployment can succeed in this project, before anything is created."""
