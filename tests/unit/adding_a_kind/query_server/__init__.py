"""QueryServer: a made-up kind of a region, whose ids AWS makes, and which starts and stops.

Each has two things in AWS: the server, and the rule that says who may reach it. Its imports of
itself are relative, since it is copied to where kinds are.
"""
