"""What starts and stops by `state`, `schedule` and requests: for any kind that does."""
