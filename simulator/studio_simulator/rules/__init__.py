"""What AWS refuses that its model cannot express."""
