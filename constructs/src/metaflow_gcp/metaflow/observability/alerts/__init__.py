"""Every alert of a platform, by what it is about."""
