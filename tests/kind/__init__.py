"""The suite on a real Kubernetes cluster: `make test-kind`, or `python -m tests.kind --help`."""
