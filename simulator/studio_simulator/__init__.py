"""SageMaker Studio, simulated inside moto-server."""
