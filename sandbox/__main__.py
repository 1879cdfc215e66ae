"""The command line: ``python -m sandbox assets | tools | up | down | status | demo``.

Standard output holds only what a shell can use: ``eval "$(python -m sandbox up)"``.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox import demo, detached
from sandbox.access import KubectlError
from sandbox.assets import AssetsError, get_assets
from sandbox.building import BuildError
from sandbox.demo_cluster import DemoError
from sandbox.detached import Parts, SandboxError, State
from sandbox.processes import ProcessError
from sandbox.toolchain import ToolchainError
from sandbox.tools import UnknownToolError, get_tool, tool_names

INTERRUPTED = 130
EXPECTED_ERRORS = (
    AssetsError,
    BuildError,
    DemoError,
    KubectlError,
    ProcessError,
    SandboxError,
    ToolchainError,
    UnknownToolError,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code: 0, or 1 with the reason on standard error."""
    signal.signal(signal.SIGTERM, exit_in_order)
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except EXPECTED_ERRORS as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def exit_in_order(number: int, frame: object) -> None:  # noqa: ARG001 - a signal handler's form
    """End like an exception does, so that everything that was started is stopped."""
    sys.exit(128 + number)


def show_assets(options: argparse.Namespace) -> int:  # noqa: ARG001 - a command's form
    """Get or build the programs; print their folder."""
    _print(str(get_assets().folder))
    return 0


def show_tools(options: argparse.Namespace) -> int:
    """Get or build Go programs for tests, all unless named; print their paths."""
    for name in options.name or tool_names():
        _print(str(get_tool(name)))
    return 0


def up(options: argparse.Namespace) -> int:
    """Start a detached stack; print what leads a shell to it."""
    get_assets()  # here, where a person can watch a long build
    state = detached.start(_parts(options), options.folder)
    _print(_exports(state))
    _say(f"Sandbox is up; logs in {options.folder}. End it with: python -m sandbox down")
    _say(
        "It has no namespace controller: `kubectl delete namespace` never ends here. Delete what "
        "is in the namespace instead; `down` takes everything away."
    )
    return 0


def down(options: argparse.Namespace) -> int:
    """End what `up` started, and take away all that was declared in it."""
    _say("ended" if detached.stop(options.folder) else "nothing was running")
    return 0


def status(options: argparse.Namespace) -> int:
    """Tell what runs; exit code 0 only when all of it does."""
    state = State.load(options.folder)
    if state is None or not state.is_alive:
        _say("not running")
        return 1
    rows = {"supervisor": state.supervisor} | state.processes
    for name, identity in rows.items():
        word = "running" if identity.is_alive else "ENDED"
        _print(f"{name:16} {word:8} pid {identity.pid}")
    _print(_exports(state) if state.ready else "starting")
    return 0 if state.ready and all(identity.is_alive for identity in rows.values()) else 1


def show_demo(options: argparse.Namespace) -> int:
    """Show the whole product at work, from YAML to running spaces, a resize and a stop."""
    demo.run(record=options.record, folder=options.folder)
    return 0


def supervise(options: argparse.Namespace) -> int:
    """Own a stack until SIGTERM; what `up` starts in the background."""
    detached.supervise(_parts(options), options.folder)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument(
        "--folder", type=_path, default=detached.STATE_FOLDER, help="for state, logs"
    )
    parts = argparse.ArgumentParser(add_help=False)
    parts.add_argument("--without-simulator", action="store_true", help="nor the operator")
    parts.add_argument("--without-operator", action="store_true")
    parts.add_argument("--speed", type=float, default=1.0, help="of the simulator's time")
    parts.add_argument("--audit", action="store_true", help="log API requests to audit.log")
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument("name", nargs="*", metavar="NAME", help=f"any of {', '.join(tool_names())}")
    shown = argparse.ArgumentParser(add_help=False)
    shown.add_argument("--record", type=_path, metavar="FILE.svg", help="also make a picture of it")
    shown.add_argument("--folder", type=_path, help="keep all logs there")
    for name, command, parents in (
        ("assets", show_assets, []),
        ("tools", show_tools, [named]),
        ("up", up, [folder, parts]),
        ("down", down, [folder]),
        ("status", status, [folder]),
        ("demo", show_demo, [shown]),
    ):
        added = commands.add_parser(name, help=command.__doc__, parents=parents)
        added.set_defaults(command=command)
    hidden = commands.add_parser("supervise", parents=[folder, parts])
    hidden.set_defaults(command=supervise)
    return parser


def _parts(options: argparse.Namespace) -> Parts:
    simulator = not options.without_simulator
    return Parts(
        simulator=simulator,
        operator=simulator and not options.without_operator,
        speed=options.speed,
        audit=options.audit,
    )


def _path(text: str) -> Path:
    return Path(text).absolute()


def _exports(state: State) -> str:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in state.variables.items()]
    if "AWS_ENDPOINT_URL" in state.variables:
        lines.append("unset AWS_PROFILE AWS_SESSION_TOKEN")
    # kubectl of the API server's version; there may be no other. Its plug-in `kubectl studio` is in
    # this environment, whose other programs stay behind those of the shell.
    kubectl, plugin = Path(state.kubectl).parent, Path(sys.executable).parent
    lines.append(f"export PATH={shlex.quote(str(kubectl))}:$PATH:{shlex.quote(str(plugin))}")
    if state.health_url:
        lines.append(f"# the operator's health: {state.health_url}/readyz")
    return "\n".join(lines)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
