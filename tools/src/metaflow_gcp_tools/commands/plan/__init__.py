"""`metaflow-gcp plan`: what a deployment creates, costs at rest and needs, and what a change destroys."""
