"""Metaflow's services, and what its client and its people need."""
