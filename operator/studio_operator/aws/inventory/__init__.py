"""What AWS shows, polled in bulk and kept as records, and kept up with our own calls."""
