"""Studio Operator: SageMaker Studio domains, user profiles and spaces, kept as declared."""
