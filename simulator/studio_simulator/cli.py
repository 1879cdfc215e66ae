"""The command: ``python -m studio_simulator``."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from types import FrameType

import click
import yaml
from pydantic import ValidationError

from studio_simulator.server import StudioServer
from studio_simulator.settings import PROFILES, Configuration, durations_named


@click.command(
    help="SageMaker Studio, simulated inside moto-server. It serves until SIGTERM or SIGINT.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", type=int, default=5000, help="Port; 0 takes a free one.")
@click.option("--speed", type=float, help="Simulated seconds in a real second.")
@click.option("--durations", type=click.Choice(sorted(PROFILES)), help="How long things take.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="YAML or JSON file with any of the settings.",
)
def main(
    *, host: str, port: int, speed: float | None, durations: str | None, config: Path | None
) -> None:
    """Serve; exit code 2 for a configuration that can't be used."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        configuration = configured(config, durations, speed)
    except (OSError, ValueError, ValidationError, yaml.YAMLError) as error:
        sys.stderr.write(f"Cannot use the configuration: {error}\n")
        sys.exit(2)
    server = StudioServer(host, port, configuration)
    signal.signal(signal.SIGTERM, _stop)
    sys.stdout.write(f"SageMaker Studio simulator listens on {server.url}\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        server.server_close()


def configured(config: Path | None, durations: str | None, speed: float | None) -> Configuration:
    """Return the settings of a file, if one is named, changed by the command line."""
    content = yaml.safe_load(config.read_text()) if config else None
    configuration = Configuration.model_validate(content or {})
    if durations is not None:
        configuration.durations = durations_named(durations)
    if speed is not None:
        configuration.speed = speed
    return configuration


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
