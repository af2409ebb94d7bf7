"""What Google asks for what a platform consists of: from its catalog, or from the list that comes with this command."""
