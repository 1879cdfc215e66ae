"""What the API server would say to a resource of ours, before it is asked."""
