"""Helm charts: which, with what values, and how they are installed."""
