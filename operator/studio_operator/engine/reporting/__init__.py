"""What the operator tells the cluster: statuses and Events."""
