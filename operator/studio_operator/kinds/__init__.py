"""What the operator manages: a folder a kind, and the list of them in `registry`."""
