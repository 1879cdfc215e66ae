"""Spaces and their apps in AWS: how they are shown, and how settings are written there."""
