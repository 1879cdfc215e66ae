"""Go programs that tests run: Helm, Argo CD's Lua engine, the kstatus library.

Each is a Go module in ``sandbox/tools/NAME``: a ``tool`` line in go.mod that names a program of
another module, or Go files of its own. A build takes minutes once, the cache no time ever after.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sandbox.building import Build, GoModule, cache_folder
from sandbox.toolchain import find_toolchain

TOOLS_FOLDER = Path(__file__).with_name("tools")
# Without it Helm calls itself v4.3, and charts that ask for a patch version are refused.
LINKED_VERSIONS = {"helm": ("helm.sh/helm/v4/internal/version.version", "helm.sh/helm/v4")}


class UnknownToolError(LookupError):
    """No tool has that name; the message lists those that there are."""


def tool_names(folder: Path = TOOLS_FOLDER) -> list[str]:
    """Return the names of all tools, sorted."""
    return sorted(file.parent.name for file in folder.glob("*/go.mod"))


def get_tool(
    name: str, environment: Mapping[str, str] = os.environ, folder: Path = TOOLS_FOLDER
) -> Path:
    """Return the program, building it first where that is still to be done.

    Raises UnknownToolError, BuildError when the build fails, ToolchainError when no fit Go can be
    had. Processes that ask at the same time wait for one build.
    """
    if name not in tool_names(folder):
        raise UnknownToolError(f"no tool {name}; there are {', '.join(tool_names(folder))}")
    module = GoModule(folder / name)
    toolchain = find_toolchain(module.required_go)
    target = cache_folder(environment) / "tools" / f"{name}-{module.digest(toolchain.version)}"
    build = Build(
        module=module,
        target=target,
        programs=(name,),
        title=name,
        linked_values=_linked_values(name, module),
    )
    build.ensure(toolchain)
    return target / name


def _linked_values(name: str, module: GoModule) -> dict[str, str]:
    if name not in LINKED_VERSIONS:
        return {}
    variable, required = LINKED_VERSIONS[name]
    return {variable: module.version_of(required)}
