"""Deployed flows: Argo Workflows, Argo Events and JobSet."""
