"""What is declared in the cluster: how it is held, who refers to whom, what failed last."""
