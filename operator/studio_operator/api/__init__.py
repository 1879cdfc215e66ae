"""The kinds of the API group `studio-operator.dev`: the one source of CRDs, validation and reference."""
