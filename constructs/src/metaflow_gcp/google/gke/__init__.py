"""Google Kubernetes Engine: the cluster, its pools, and what machines and GPUs there are."""
