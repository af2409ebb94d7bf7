"""`metaflow-gcp` where every registry answers that it has what is asked for: for tests that run it as a program.

python tests/tools/online.py preflight
"""

from metaflow_gcp_tools import cli
from metaflow_gcp_tools.checks import State
from metaflow_gcp_tools.clients.registries import charts, images
from metaflow_gcp_tools.clients.registries.answer import Answer


def there(*_: object) -> Answer:
    return Answer(state=State.PASS, says="there")


for each in (images, charts):
    vars(each)["ask"] = there

if __name__ == "__main__":
    cli.main()
