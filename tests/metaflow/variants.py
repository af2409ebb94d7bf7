"""Flows that use each option of `argo-workflows create` and each decorator, a few at a time.

What of it works on the platform, and how, is in docs/deployed-flows.md.
"""

from dataclasses import dataclass
from textwrap import indent

_FLOW = """\
from metaflow import *  # noqa

{functions}
{decorators}
class {name}(FlowSpec):
{parameters}

{steps}

    @step
    def end(self):
        pass


if __name__ == "__main__":
    {name}()
"""
START = """\
@step
def start(self):
    self.next(self.end)
"""


@dataclass(frozen=True, kw_only=True)
class Variant:
    name: str
    """Of the class; in lower case the workflow template's."""
    before: str = ""
    """Options of the flow."""
    under: str = ""
    """Options of `argo-workflows`."""
    options: str = ""
    """Options of `create`."""
    decorators: str = ""
    """Of the flow."""
    functions: str = ""
    parameters: str = ""
    steps: str = START
    """All but the last."""
    refused: str = ""
    """What the client says when it does not deploy it."""
    releases: tuple[str, ...] = ("newest", "oldest")
    """Those that know it."""

    @property
    def file(self) -> str:
        return f"{self.template}.py"

    @property
    def template(self) -> str:
        return self.name.lower()

    @property
    def source(self) -> str:
        return _FLOW.format(
            name=self.name,
            functions=self.functions,
            decorators=self.decorators,
            parameters=indent(self.parameters, "    "),
            steps=indent(self.steps, "    "),
        )

    @property
    def command(self) -> list[str]:
        return [self.file, *self.before.split(), "argo-workflows", *self.under.split(), "create", *self.options.split()]

    @property
    def words(self) -> set[str]:
        """Its options and decorators, with what is in brackets left out."""
        texts = (self.under, self.options, self.decorators, self.steps)
        found = [word for text in texts for word in text.split()]
        return {word.partition("(")[0].partition("=")[0] for word in found if word.startswith(("--", "@"))}


def _steps(decorators: str) -> str:
    return f"{decorators}\n{START}"


SLACK = "--notify-slack-webhook-url https://hooks.slack.com/services/T0/B0/x"
EVERYWHERE = (
    f"{SLACK} --notify-pager-duty-integration-key key "
    "--notify-incident-io-api-key key --incident-io-alert-source-config-id 01 --incident-io-metadata team=ml"
)

VARIANTS = (
    Variant(
        name="Labelled",
        options="--new-token first --tag a:b --namespace team --workflow-priority 3 --workflow-timeout 3600 "
        "--max-workers 2 --no-auto-emit-argo-events --deployer-attribute-file deployed.json",
    ),
    # The same once more.
    Variant(name="Labelled", options="--authorize first --auto-emit-argo-events"),
    Variant(name="Printed", under="--name printed", options="--only-json"),
    Variant(name="Titled", options="--workflow-title Title --workflow-description Words", releases=("newest",)),
    Variant(name="Notifying", options=f"--notify-on-error --notify-on-success {EVERYWHERE}"),
    # Without the hook that captures errors, Metaflow's own way of ending is an HTTP call, too.
    Variant(name="Quiet", options=f"--notify-on-error {SLACK} --no-enable-error-msg-capture"),
    Variant(
        name="Hooked",
        options="--enable-error-msg-capture",
        decorators='@exit_hook(on_success=[well], on_error=["badly"])',
        functions="def well(run=None):\n    pass\n\n\ndef badly():\n    pass\n",
    ),
    Variant(name="Beating", options="--enable-heartbeat-daemon"),
    Variant(name="Scheduled", decorators='@schedule(cron="30 4 * * *", timezone="Europe/Helsinki")'),
    Variant(
        name="Triggered",
        decorators='@trigger(events=["a", {"name": "b", "parameters": {"day": "date"}}], '
        'options={"reset_at": {"cron": "0 0 * * *", "timezone": "Etc/UTC"}})',
        parameters='day = Parameter("day", default="today")',
    ),
    Variant(name="Following", decorators='@trigger_on_finish(flows=["Triggered", "Scheduled"])'),
    Variant(name="Branched", before="--branch trial", decorators='@project(name="acme")'),
    Variant(
        name="Conda",
        before="--environment conda",
        decorators='@conda_base(python="3.11.9")',
        steps=_steps('@conda(packages={"numpy": "1.26.4"})'),
    ),
    Variant(
        name="Pypi",
        before="--environment pypi",
        decorators='@pypi_base(python="3.11.9")',
        steps=_steps('@pypi(packages={"numpy": "1.26.4"})'),
    ),
    Variant(
        name="Decorated",
        steps=_steps(
            '@card(type="blank", refresh_interval=5)\n@catch(var="failure")\n@retry(times=1)\n@timeout(minutes=5)\n'
            '@environment(vars={"A": "b"})\n@resources(cpu=2, memory=8000, shared_memory=100)\n'
            '@secrets(sources=["training-key"])'
        ),
    ),
    Variant(
        name="Detailed",
        steps="@kubernetes(cpu=2, memory=8000, disk=20000, gpu=1, use_tmpfs=True, tmpfs_size=100, shared_memory=64, "
        'persistent_volume_claims={"data": "/data"}, labels={"a": "b"}, annotations={"c": "d"}, port=8080, '
        'secrets=["team"], qos="guaranteed", image_pull_policy="Always")\n'
        f"{START}",
    ),
    Variant(
        name="Together",
        steps="@step\ndef start(self):\n    self.next(self.train, num_parallel=2)\n"
        "@parallel\n@pytorch_parallel\n@step\ndef train(self):\n    self.next(self.join)\n"
        "@step\ndef join(self, inputs):\n    self.next(self.end)\n",
    ),
    Variant(
        name="Choosing",
        steps='@step\ndef start(self):\n    self.c = "a"\n'
        '    self.next({"a": self.a, "b": self.b}, condition="c")\n'
        "@step\ndef a(self):\n    self.next(self.loop)\n@step\ndef b(self):\n    self.next(self.loop)\n"
        '@step\ndef loop(self):\n    self.again = "no"\n'
        '    self.next({"yes": self.loop, "no": self.end}, condition="again")\n',
        releases=("newest",),
    ),
    Variant(
        name="Configured",
        options="--generate-new-token",
        parameters='p = Parameter("p", default=1)\nf = IncludeFile("f", default=__file__)\n'
        'c = Config("c", default_value={"a": 1})\nj = Parameter("j", type=JSONType, default="{}")',
    ),
    Variant(
        name="Sensing",
        decorators='@airflow_s3_key_sensor(name="s", bucket_key="k", bucket_name="b")\n'
        '@airflow_external_task_sensor(name="t", external_dag_id="d", external_task_ids=["t"])',
    ),
    Variant(name="Elsewhere", steps=_steps("@batch"), refused="requires --datastore=s3"),
)
