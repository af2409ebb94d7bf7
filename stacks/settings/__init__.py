"""What a deployment is configured by: a TOML file and the environment, checked as a whole. Needs no Node.

    settings = load_settings()

Every problem is found at once; `InvalidSettings` holds them. Each table of the file is a class in `tables/`, or the
choices of one of the library's constructs as they are.
"""

from stacks.settings.loading.errors import InvalidSettings
from stacks.settings.model import Settings, load_settings

__all__ = ["InvalidSettings", "Settings", "load_settings"]
