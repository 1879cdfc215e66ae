"""What is known to stand against a change, a stop or a start before AWS is asked."""
