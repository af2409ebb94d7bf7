"""`metaflow-gcp run`: a command, with the forwards open for as long as it lives."""
