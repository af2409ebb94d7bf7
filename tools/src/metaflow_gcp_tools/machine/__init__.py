"""What is on this machine: files and folders, kubeconfigs, the programs that Google brings."""
