"""A Prometheus that scrapes operators, and what a test asks of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3
import yaml

from sandbox.control_plane import LOOPBACK, free_ports
from sandbox.processes import ManagedProcess, http_probe
from sandbox.prometheus import Programs

# What the Prometheus operator's ServiceMonitor would put on each series.
NAMESPACE = "studio-operator-system"
JOB = "studio-operator"


class Prometheus:
    """A context manager that runs one, with the targets by the name of their pod."""

    def __init__(
        self,
        programs: Programs,
        folder: Path,
        targets: Mapping[str, str],
        rules: Sequence[Path] = (),
    ) -> None:
        (port,) = free_ports(1)
        self.url = f"http://{LOOPBACK}:{port}"
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "prometheus.yml"
        configuration.write_text(yaml.safe_dump(_configuration(targets, rules)))
        self._http = urllib3.PoolManager(retries=False)
        self.process = ManagedProcess(
            "prometheus",
            [
                programs.prometheus,
                f"--config.file={configuration}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={LOOPBACK}:{port}",
            ],
            log=folder / "prometheus.log",
            probe=http_probe(f"{self.url}/-/ready"),
        )

    def __enter__(self) -> Prometheus:
        self.process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
        self._http.clear()

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The result of an expression now; an AssertionError when it can't be evaluated."""
        answer = self._ask("query", query=expression)
        result: list[dict[str, Any]] = answer["result"]
        return result

    def series(self, selector: str) -> list[dict[str, str]]:
        """The labels of all series that a selector has ever matched."""
        found: list[dict[str, str]] = self._ask("series", **{"match[]": selector})
        return found

    def rules(self) -> list[dict[str, Any]]:
        """All alerting rules with their state."""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def _ask(self, what: str, **query: str) -> Any:
        url = f"{self.url}/api/v1/{what}?{urlencode(query)}"
        answer = json.loads(self._http.request("GET", url).data)
        assert answer["status"] == "success", f"{query}: {answer.get('error')}"
        return answer["data"]


def _configuration(targets: Mapping[str, str], rules: Sequence[Path]) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rule) for rule in rules],
        "scrape_configs": [
            {
                "job_name": JOB,
                "static_configs": [
                    {
                        "targets": [url.removeprefix("http://")],
                        "labels": {"namespace": NAMESPACE, "pod": pod},
                    }
                    for pod, url in targets.items()
                ],
            }
        ],
    }
