"""What a deployed flow's executor may do with JobSets. Needs no Node."""

from metaflow_gcp.kubernetes.rights import right

EXECUTOR = (
    right(
        "jobset.x-k8s.io",
        "jobsets",
        "create get",
        """makes the JobSet of a `@parallel` step, and gets it every few seconds until it is done (Argo's
        workflow/executor/resource.go)""",
    ),
    right(
        "argoproj.io",
        "workflows/finalizers",
        "update",
        """the JobSet belongs to its workflow, so that it goes with it; used where the cluster has the admission plugin
        OwnerReferencesPermissionEnforcement""",
        unseen="update",
    ),
)
