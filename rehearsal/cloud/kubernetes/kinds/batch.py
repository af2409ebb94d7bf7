"""batch: Jobs and CronJobs."""

from rehearsal.cloud.kubernetes.kind import Kind

KINDS = [
    Kind(type="kubernetes_job", pods="spec.template."),
    Kind(type="kubernetes_cron_job", pods="spec.job_template.spec.template."),
]
