"""StudioDomain: a SageMaker domain."""
