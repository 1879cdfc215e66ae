"""What commands do in AWS under a person's own identity, and what the operator may do."""
