"""What goes on costing money without a space's app: told, and waited for."""
