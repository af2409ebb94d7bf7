"""What became of a run's tasks: what Metaflow's metadata, Kubernetes and Cloud Logging know. No command of its own."""
