"""What the rules of a space decide from: what is declared next to what AWS shows."""
