"""Argo CD's engine and Flux' kstatus, as programs that tests ask."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from sandbox.tools import get_tool
from tests.gitops.folders import GITOPS

Raw = dict[str, Any]
LIMIT_SECONDS = 60


class EngineError(RuntimeError):
    """Argo CD's code refused a request; the message is its own."""


class ArgoCD:
    """Argo CD's own code with our settings. Use it as a context manager.

    Args:
        folder: for the settings as JSON.
        kubeconfig: leads to the API server that diffs ask; needed for those only.

    """

    def __init__(self, folder: Path, kubeconfig: Path | None = None) -> None:
        self._files = [
            _as_json(GITOPS / "argocd" / name, folder)
            for name in ("argocd-cm.yaml", "argocd-notifications-cm.yaml")
        ]
        self._environment = {"KUBECONFIG": str(kubeconfig)} if kubeconfig else {}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [get_tool("argocd-lua"), *self._files],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"HOME": "/nonexistent", **self._environment},
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.communicate(timeout=LIMIT_SECONDS)  # the end of its input is its end

    def ask(self, do: str, **request: object) -> Any:
        """Answer one request. Raises EngineError with Argo CD's words when it fails."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"do": do, **request}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, f"argocd-lua ended with code {process.wait(LIMIT_SECONDS)}"
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise EngineError(answer["error"])
        return answer


@contextmanager
def argo_cd(folder: Path, kubeconfig: Path | None = None) -> Iterator[ArgoCD]:
    """Argo CD's code for as long as the block lasts."""
    with ArgoCD(folder, kubeconfig) as engine:
        yield engine


def ask_kstatus(objects: Iterable[Raw], kustomizations: Path | None = None) -> list[Raw]:
    """The verdicts of kstatus, and of the health check expressions of Kustomizations in JSON."""
    arguments = [] if kustomizations is None else [kustomizations]
    ended = subprocess.run(
        [get_tool("kstatus"), *arguments],
        input=json.dumps(list(objects)),
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    verdicts: list[Raw] = json.loads(ended.stdout)
    return verdicts


def _as_json(source: Path, folder: Path) -> Path:
    target = folder / f"{source.stem}.json"
    target.write_text(json.dumps(yaml.safe_load(source.read_text())))
    return target
