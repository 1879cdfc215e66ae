"""Helm as the tests use it: it renders our chart, and installs it into a real API server."""

from __future__ import annotations

import copy
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.reading_yaml import read_documents

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "studio-operator"
RELEASE = "studio-operator"
LIMIT_SECONDS = 120

Manifest = dict[str, Any]
Values = Mapping[str, Any]


class HelmError(RuntimeError):
    """Helm refused; the message is what it said."""


@dataclass(frozen=True)
class Helm:
    """The program, with a home of its own: no plug-ins and no repositories of the user's."""

    program: Path
    home: Path

    def run(self, *words: str | Path, text: str = "", kubeconfig: Path | None = None) -> str:
        """What it prints; HelmError with what it complains of."""
        folders = {f"HELM_{name}_HOME": str(self.home) for name in ("CACHE", "CONFIG", "DATA")}
        cluster = {"KUBECONFIG": str(kubeconfig or os.devnull)}
        result = subprocess.run(
            [self.program, *words],
            env=os.environ | folders | cluster,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )
        if result.returncode != 0:
            raise HelmError(result.stderr)
        return result.stdout

    def template(
        self,
        values: Values | None = None,
        *,
        namespace: str = "studio-operator-system",
        release: str = RELEASE,
        chart: Path = CHART,
        options: Sequence[str] = (),
    ) -> list[Manifest]:
        """What the chart gives for these values, the test's Pod included."""
        words = ("template", release, chart, "--namespace", namespace, "--values", "-", *options)
        rendered = _render(self, words, json.dumps(values or {}))
        return copy.deepcopy(rendered)


@cache
def _render(helm: Helm, words: tuple[str | Path, ...], values: str) -> list[Manifest]:
    """Rendered once for all tests."""
    return [one for one in read_documents(helm.run(*words, text=values)) if one]


def of_kind(manifests: Sequence[Manifest], kind: str) -> list[Manifest]:
    """Those of a kind."""
    return [one for one in manifests if one["kind"] == kind]


def only(manifests: Sequence[Manifest], kind: str) -> Manifest:
    """The one of its kind."""
    (found,) = of_kind(manifests, kind)
    return found


def container_of(manifests: Sequence[Manifest]) -> Manifest:
    """The operator's container."""
    (container,) = only(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    return dict(container)
