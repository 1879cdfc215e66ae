"""What a change of YAML would do in AWS: the operator's own planners, run on AWS in memory."""
