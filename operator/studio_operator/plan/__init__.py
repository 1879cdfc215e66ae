"""Pure planners: what to do next, from what is declared, observed, remembered, and the clock.

Nothing here reads a clock, talks to Kubernetes or AWS, or keeps state; import-linter checks it.
"""
