"""Resource Manager: projects, and what is granted on them."""

from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.references import USES
from rehearsal.cloud.model import Cloud


def project(cloud: Cloud, state: State) -> State:
    name = state.get("project_id") or state["project"]
    return {
        "project_id": name,
        "name": name,
        "number": cloud.project_number(name),
        "id": f"projects/{name}",
        "auto_create_network": None,
    }


KINDS = [
    Kind(type="google_project", path="projects/{{project_id}}", data=project),
    Kind(type="google_project_iam_member", references={"role": ("google_project_iam_custom_role", USES)}),
]
