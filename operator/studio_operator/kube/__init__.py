"""The Kubernetes API: status, finalizers, events and the lease, in raw JSON."""
