"""Runs the simulator."""

from __future__ import annotations

from studio_simulator.cli import main

if __name__ == "__main__":
    main(prog_name="python -m studio_simulator")
