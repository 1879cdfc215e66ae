"""`kubectl studio`: what people do with domains, profiles and spaces beyond applying YAML."""

from studio_operator.plugin.main import main

__all__ = ["main"]
