"""What verbs ask of the operator by annotation."""
