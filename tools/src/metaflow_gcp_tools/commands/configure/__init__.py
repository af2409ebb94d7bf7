"""`metaflow-gcp configure`: from a project's name to a machine that runs flows."""
