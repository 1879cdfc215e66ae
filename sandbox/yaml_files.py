"""Whether YAML files can be read: `python -m sandbox.yaml_files FILE...`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import yaml


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell which files can't be read; the exit code is 1 when there is one."""
    code = 0
    for name in sys.argv[1:] if arguments is None else arguments:
        try:
            for _ in yaml.parse(Path(name).read_text(encoding="utf-8"), Loader=yaml.SafeLoader):
                pass
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            sys.stderr.write(f"{name}: {error}\n")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
