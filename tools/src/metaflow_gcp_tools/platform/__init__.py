"""What a deployment wrote for this command: before it is deployed, and of what is deployed."""
