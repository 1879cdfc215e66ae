"""What a tenant may name: rules per namespace, and a check of what a spec names. Pure."""
