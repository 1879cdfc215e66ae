"""What a tenant allows, and what becomes of what it does not."""
