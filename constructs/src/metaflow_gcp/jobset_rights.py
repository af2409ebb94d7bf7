"""What a deployed flow's executor may do with JobSets. Needs no Node."""

from metaflow_gcp.rights import right

EXECUTOR = (
    right(
        "jobset.x-k8s.io",
        "jobsets",
        "create get",
        """makes the JobSet of a `@parallel` step, and gets it every few seconds until it is done (Argo's
        workflow/executor/resource.go)""",
    ),
)
