"""Why a fault may go unnoticed: what survived, and the reason."""

import re

REASONS = {
    r"`depends_on` dropped: .*network[-_]policy": """
        The order protects: for some seconds pods run before their network policy is there. Everything works.""",
    r"`depends_on` dropped: .*ui_service_deployment: kubernetes_deployment_v1.metadata-service": """
        The user interface is started over until the metadata service has made the tables, and is ready then.""",
    r"`depends_on` dropped: .*forwarding-rule: google_sql_(database|user)": """
        Nobody uses the database's address before the stack `services`, which waits for all of `infra`.""",
    r"`depends_on` dropped: ": """
        What it waits for is there in time all the same: something else that it needs waits for it, too.""",
    r"role (missing|too narrow|too broad): .*registry_people-.*-own": """
        Who may push images may pull them: the writer's role has all that the reader's has.""",
    r"reference written as its value: .*role_binding": """
        Kubernetes binds a name, whether or not somebody has it yet.""",
    r"reference to another object of its type: .*node_pool.*service_account = .*autonodes": """
        Nodes that GKE adds have an account with the same roles.""",
    r"resource dropped: .*jobs-admission": """
        Nothing fails without an admission policy. The tests of the stacks hold that it is there.""",
    r"protection left on at a destroy: everything .*force_destroy": """
        Terraform deletes its own objects first, and no run has left artifacts in the rehearsal's bucket.""",
    r"another namespace: .*controllers-ingress": """
        Each pod of that namespace has a policy of its own, too.""",
    r"role too broad: .*registry_people-": """
        Of people it is checked that they lack nothing; who has too much is checked of accounts.""",
    r"reference written as its value: ": """
        What it names is there in time all the same: something else that it needs waits for it, too.""",
}
"""A pattern of the way, the settings and the place -> the reason."""


def reason(of: str) -> str:
    return next((said.strip() for pattern, said in REASONS.items() if re.search(pattern, of)), "")
