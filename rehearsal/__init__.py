"""The rehearsal: a simulated cloud behind the real Terraform.

Terraform and the CDKTF CLI are the real ones, and so is the configuration; the four providers are ours. They serve
the exact schemas of the pinned
providers and answer from one model of the cloud kept in a file.

    protocol/   Terraform's plugin protocol: values, schemas, validation, planning, the server
    cloud/      the model of the cloud and the four providers that answer from it
    run/        the runners: a mirror of our providers, Terraform, the report
"""
