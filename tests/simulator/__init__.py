"""Tests of the simulator, with plain boto3 over HTTP."""
