"""The deployment: settings, and the stacks made of them."""
