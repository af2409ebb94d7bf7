"""`metaflow-gcp forward`: the platform's services on this machine, kept reachable."""
