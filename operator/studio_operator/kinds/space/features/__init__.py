"""Features of spaces: a folder or a module for each."""
