"""Lifecycle rules that kinds share: whose a thing is, its settings, tags, and how it is let go."""
