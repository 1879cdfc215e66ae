"""What AWS shows of features of spaces: looked at when asked for, or now and then."""
