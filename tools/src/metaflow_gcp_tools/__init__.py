"""The command `metaflow-gcp`. Needs neither CDKTF nor Node: it reads what synth wrote."""
