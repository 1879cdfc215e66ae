"""The command: ``python -m studio_simulator``."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

import yaml
from pydantic import ValidationError

from studio_simulator.server import StudioServer
from studio_simulator.settings import PROFILES, Configuration, durations_named


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    arguments = parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        configuration = configured(arguments)
    except (OSError, ValueError, ValidationError, yaml.YAMLError) as error:
        sys.stderr.write(f"Cannot use the configuration: {error}\n")
        return 2
    server = StudioServer(arguments.host, arguments.port, configuration)
    signal.signal(signal.SIGTERM, _stop)
    sys.stdout.write(f"SageMaker Studio simulator listens on {server.url}\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        return 130
    finally:
        server.server_close()
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m studio_simulator",
        description="SageMaker Studio, simulated inside moto-server.",
    )
    made.add_argument("--host", default="127.0.0.1", help="address to listen on")
    made.add_argument("--port", type=int, default=5000, help="port; 0 takes a free one")
    made.add_argument("--speed", type=float, help="simulated seconds in a real second")
    made.add_argument("--durations", choices=sorted(PROFILES), help="how long things take")
    made.add_argument("--config", type=Path, help="YAML or JSON file with any of the settings")
    return made


def configured(arguments: argparse.Namespace) -> Configuration:
    """Return the settings of a file, if one is named, changed by the command line."""
    content = yaml.safe_load(arguments.config.read_text()) if arguments.config else None
    configuration = Configuration.model_validate(content or {})
    if arguments.durations is not None:
        configuration.durations = durations_named(arguments.durations)
    if arguments.speed is not None:
        configuration.speed = arguments.speed
    return configuration


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
