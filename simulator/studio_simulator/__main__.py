"""Runs the simulator."""

from __future__ import annotations

import sys

from studio_simulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
