"""Names of secrets in Secret Manager. Needs no Node."""

from collections.abc import Sequence

from metaflow_gcp.checks import Checks, is_token

_NAME = r"[A-Za-z0-9_-]{1,255}"
"""https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create#query-parameters"""


def check(checks: Checks, where: str, names: Sequence[str]) -> None:
    """Names of this project's secrets, each once."""
    for index, name in enumerate(names):
        if is_token(name):
            continue
        entry = f"{where}[{index}]"
        check_name(checks, entry, name)
        if name in names[:index]:
            checks.add(entry, wrong=f"{name!r} is named twice", allowed="each secret once", fix="remove one of them")


def check_name(checks: Checks, where: str, name: str) -> None:
    """The name of one of this project's secrets."""
    if "/" in name:
        checks.add(
            where,
            wrong=f"{name!r} names a project",
            allowed="the name of a secret of the platform's own project, without any path",
            fix="copy the secret into the platform's project, and write its name alone",
        )
    else:
        checks.matches(where, name, _NAME, "1 to 255 letters, digits, - and _")
