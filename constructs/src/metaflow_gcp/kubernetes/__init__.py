"""Kubernetes objects that are good for more than one service."""
