"""Roster: a made-up kind that is in no namespace and has nothing in AWS.

Its imports of itself are relative, since it is copied to where kinds are.
"""
