"""What the operator tells those who watch it: health and metrics."""
