"""The engine: a store of what is declared, a queue of what to look at, workers that act."""
