"""`metaflow-gcp` where every registry answers that it has what is asked for: for tests that run it as a program.

python tests/tools/online.py preflight
"""

from metaflow_gcp_tools import cli
from metaflow_gcp_tools.externals import charts, images
from metaflow_gcp_tools.externals.answer import Answer
from metaflow_gcp_tools.preflight.checks import State


def there(*_: object) -> Answer:
    return Answer(state=State.PASS, says="there")


images.ask = charts.ask = there

if __name__ == "__main__":
    cli.main()
