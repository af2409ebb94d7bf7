"""The simulated cloud: one model in one file, and the four providers that answer from it."""
