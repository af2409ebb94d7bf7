"""`metaflow-gcp env`: what a shell or a notebook sets so that Metaflow's client works on one platform."""
