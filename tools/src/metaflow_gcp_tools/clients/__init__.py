"""Asking others: Google's APIs, Kubernetes, registries; and what they raise, as one error."""
