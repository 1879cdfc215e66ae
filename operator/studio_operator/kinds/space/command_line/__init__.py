"""What `kubectl studio plan` and `export` know of spaces."""
