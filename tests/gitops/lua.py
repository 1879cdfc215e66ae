"""The Lua of the customizations as Argo CD runs what users configure: with few libraries.

Argo CD opens `package`, the basic functions and `table`, and of `os` only `date` and `time`, which
must be required (argo-cd, util/lua/lua.go). There is no `string`, `math` or `io`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lupa.lua51 import LuaRuntime, lua_type

Raw = dict[str, Any]
# Gopher-lua, which Argo CD runs, is Lua 5.1.
_RESTRICT = """
local date, time = os.date, os.time
for _, name in ipairs({"string", "math", "io", "debug", "coroutine", "os", "dofile", "loadfile",
                       "python"}) do
  _G[name] = nil
  package.loaded[name] = nil
end
package.preload["os"] = function() return {date = date, time = time} end
getmetatable("").__index = nil
"""


def run_script(script: Path, resource: Raw) -> Any:
    """What a script returns for an object: dicts and lists, as in JSON."""
    runtime = LuaRuntime(unpack_returned_tuples=True)
    to_table = runtime.eval("function() return {} end")
    runtime.execute(_RESTRICT)
    runtime.globals()["obj"] = _to_lua(resource, to_table)
    return _to_python(runtime.execute(script.read_text()))


def _to_lua(value: Any, to_table: Any) -> Any:
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = dict(enumerate(value, start=1)).items()
    else:
        return value
    table = to_table()
    for key, member in pairs:
        table[key] = _to_lua(member, to_table)
    return table


def _to_python(value: Any) -> Any:
    if lua_type(value) != "table":
        return value
    members = {key: _to_python(member) for key, member in value.items()}
    if members and all(isinstance(key, int) for key in members):
        return [members[key] for key in sorted(members)]
    return members
