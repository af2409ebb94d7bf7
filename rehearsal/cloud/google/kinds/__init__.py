"""What Google's services know of their types, a file a service."""
