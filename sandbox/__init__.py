"""A throw-away, real Kubernetes control plane and the processes that run against it."""
