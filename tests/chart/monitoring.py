"""The CRDs of the Prometheus operator, as its Go module has them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from sandbox.toolchain import find_toolchain

MODULE = "github.com/prometheus-operator/prometheus-operator"
VERSION = "v0.85.0"
# As in a go.sum: of the module's content.
SUM = "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s="
NEEDS_GO = (1, 24)
LIMIT_SECONDS = 120
FILES = ("servicemonitors", "prometheusrules")


def monitoring_crds() -> tuple[Path, ...]:
    """The files with the CRDs that the chart has resources of; Go downloads them once."""
    answer = subprocess.run(
        [find_toolchain(NEEDS_GO).go, "mod", "download", "-json", f"{MODULE}@{VERSION}"],
        cwd="/",  # no go.mod there that could change the version
        env=os.environ | {"GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = json.loads(answer.stdout)
    assert found["Sum"] == SUM
    folder = Path(found["Dir"], "example", "prometheus-operator-crd")
    return tuple(folder / f"monitoring.coreos.com_{name}.yaml" for name in FILES)
