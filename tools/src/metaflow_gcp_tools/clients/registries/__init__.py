"""Whether images and charts exist where they are named: registries are asked, without a pull, without Docker."""
