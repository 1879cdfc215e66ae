"""Python imports this at its start where its folder is on PYTHONPATH: it notes what is called.

Each call of a function of the operator, on the main thread, is a line of the file that CALL_LOG
names: the module's path within the package, and the function. One that is called again and again
is written once.
"""

import os
import sys
from pathlib import Path
from types import FrameType

PACKAGE = f"{os.sep}studio_operator{os.sep}"
LOG = Path(os.environ["CALL_LOG"]).open("a", buffering=1, encoding="utf-8")  # noqa: SIM115 - kept
last = [""]


def note(frame: FrameType, event: str, _: object) -> None:
    """Write a call down, as sys.setprofile wants it."""
    if event != "call":
        return
    code = frame.f_code
    _, found, path = code.co_filename.rpartition(PACKAGE)
    line = f"{path} {code.co_qualname}\n"
    if found and line != last[0]:
        last[0] = line
        LOG.write(line)


sys.setprofile(note)
