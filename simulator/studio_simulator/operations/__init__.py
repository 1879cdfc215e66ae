"""SageMaker's operations, one module a kind."""
