"""What every test relies on."""

import metaflow_gcp  # noqa: F401 - before any test imports cdktf: it makes the provider bindings lazy
from stacks.node import use_bundled_node

use_bundled_node()
