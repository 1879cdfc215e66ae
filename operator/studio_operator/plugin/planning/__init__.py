"""What a change of YAML would do in AWS: the operator's own planners, rehearsed on paper."""
