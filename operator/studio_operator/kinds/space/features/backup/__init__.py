"""Back-ups of a space: the script, and what is asked for and waited for."""
