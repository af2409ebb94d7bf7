"""From a file and the environment to checked settings, with every problem said at once."""
