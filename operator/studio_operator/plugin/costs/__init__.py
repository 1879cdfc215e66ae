"""What spaces and what they left behind cost, and where the prices come from."""
