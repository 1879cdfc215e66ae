"""The kinds of `studio-operator.dev`: the one source of CRDs, validation and reference."""
