"""Whether the app of a space should run: schedule, requests, the longest time."""
