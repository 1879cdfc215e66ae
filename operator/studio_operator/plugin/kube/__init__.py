"""The cluster as a person's kubeconfig reaches it."""
