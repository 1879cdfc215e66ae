"""What the operator costs: figures to compare, no tests."""
