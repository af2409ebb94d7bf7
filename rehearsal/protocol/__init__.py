"""Terraform's plugin protocol, version 6, as the plugin SDKs behave: nothing here knows Google or Kubernetes."""
