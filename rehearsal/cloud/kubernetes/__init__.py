"""The kubernetes provider: objects in the simulated clusters."""
