"""One table of the settings file each."""
