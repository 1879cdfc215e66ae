"""A made-up kind is added to a copy of the project as CONTRIBUTING.md says."""
