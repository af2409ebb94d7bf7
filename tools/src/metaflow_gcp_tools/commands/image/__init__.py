"""`metaflow-gcp image`: the images that tasks run in, from docker/ to the team's registry."""
