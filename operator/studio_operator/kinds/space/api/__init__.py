"""The fields of a Space: spec, status, and what the API server checks."""
