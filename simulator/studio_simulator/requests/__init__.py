"""A request's way: what it asks for, whether it is valid, what a test has in store for it."""
