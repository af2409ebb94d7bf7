"""What the platform does, and when it breaks: a dashboard, alerts, and the metrics that they are made of."""
