"""What an account has in a region, and how time changes it."""
