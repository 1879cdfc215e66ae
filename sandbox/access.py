"""Ways into a control plane: kubeconfigs for whom one likes, API clients, kubectl."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request

import yaml
from kubernetes.config import new_client_from_config

from sandbox.certificates import Authority, KeyPair
from sandbox.processes import Probe, http_probe, local_opener

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

ADMIN_FILE = "admin.kubeconfig"
ADMIN_GROUP = "system:masters"
AUDIT_FILE = "audit.log"
CRD_RESOURCE = "customresourcedefinition.apiextensions.k8s.io/"
KUBECTL_LIMIT_SECONDS = 120
REQUEST_LIMIT_SECONDS = 60
ESTABLISHED_WITHIN_SECONDS = 30
TOKEN_LIFETIME_SECONDS = 24 * 3600


class KubectlError(RuntimeError):
    """kubectl failed; the message holds what it said."""


@dataclass(frozen=True)
class Access:
    """The ways into the control plane whose certificates and kubeconfigs are in ``folder``.

    A plain value: any process that knows the folder, the URL and kubectl's place can have one, so
    several processes may share one control plane.
    """

    folder: Path
    server: str
    kubectl_path: Path
    audit_log: Path | None = None

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig file."""
        return self.folder / ADMIN_FILE

    @property
    def authority(self) -> Authority:
        """The certificate authority of servers and users."""
        return Authority(self.folder / "certificates")

    def readiness_probe(self) -> Probe:
        """Return a probe that holds while the API server is ready."""
        url = f"{self.server}/readyz"
        return http_probe(url, tls=self.authority.client_context(self._admin_pair))

    def api_client(self, kubeconfig: Path | None = None) -> ApiClient:
        """Return a new API client, the administrator's unless another kubeconfig is given.

        Close it, or use it as a context manager.
        """
        path = str(kubeconfig or self.kubeconfig)
        client: ApiClient = new_client_from_config(path)  # type: ignore[no-untyped-call]
        return client

    def user_kubeconfig(self, user: str, groups: Sequence[str] = ()) -> Path:
        """Write a kubeconfig for ``user`` in ``groups``, by client certificate; its path.

        The user may do what RBAC allows it: nothing, until a binding names it or its groups.
        """
        stem = _file_name(user, *groups)
        pair = self.authority.issue_client(user, groups, stem)
        return self._write_kubeconfig(f"{stem}.kubeconfig", user, _certificate_of(pair))

    def service_account_kubeconfig(self, namespace: str, name: str) -> Path:
        """Write a kubeconfig with a day's token of an existing ServiceAccount; its path."""
        duration = f"--duration={TOKEN_LIFETIME_SECONDS}s"
        token = self.kubectl("create", "token", name, "--namespace", namespace, duration).strip()
        stem = _file_name("serviceaccount", namespace, name)
        return self._write_kubeconfig(f"{stem}.kubeconfig", name, {"token": token})

    def kubectl(self, *arguments: str | Path, text_input: str | None = None) -> str:
        """Run kubectl as the administrator and return its output; raises KubectlError."""
        result = subprocess.run(  # noqa: S603 - our own kubectl
            [self.kubectl_path, *arguments],
            env=os.environ | {"KUBECONFIG": str(self.kubeconfig)},
            input=text_input,
            capture_output=True,
            text=True,
            check=False,
            timeout=KUBECTL_LIMIT_SECONDS,
        )
        if result.returncode != 0:
            command = " ".join(str(word) for word in arguments)
            raise KubectlError(f"kubectl {command} ended with {result.returncode}: {result.stderr}")
        return result.stdout

    def create_namespace(self, name: str) -> None:
        """Create a namespace. It has no ServiceAccount of its own, not even ``default``.

        Raises urllib.error.HTTPError where the API server refuses it. No kubectl is started: tests
        create hundreds.
        """
        self._post("/api/v1/namespaces", {"metadata": {"name": name}})

    def finish_namespace_deletions(self) -> None:
        """Let namespaces go that are being deleted: no controller does it here.

        Whoever waits for one with kubectl is told. What was in it stays in the data of etcd.
        """
        listed = json.loads(self.kubectl("get", "namespaces", "-o", "json"))["items"]
        for one in listed:
            if "deletionTimestamp" in one["metadata"]:
                path = f"/api/v1/namespaces/{one['metadata']['name']}/finalize"
                done = json.dumps({**one, "spec": {"finalizers": []}})
                self.kubectl("replace", "--raw", path, "-f", "-", text_input=done)

    def apply_folder(self, *folders: Path) -> None:
        """Apply, server-side, the folders' YAML files; wait until their CRDs can be used."""
        filled = [folder for folder in folders if any(folder.rglob("*.yaml"))]
        if not filled:
            return
        files = [word for folder in filled for word in ("-f", str(folder))]
        output = self.kubectl("apply", "--server-side", "--recursive", "-o", "name", *files)
        crds = [line for line in output.splitlines() if line.startswith(CRD_RESOURCE)]
        if crds:
            limit = f"--timeout={ESTABLISHED_WITHIN_SECONDS}s"
            self.kubectl("wait", "--for=condition=Established", limit, *crds)

    def write_admin_kubeconfig(self) -> None:
        """Write the administrator's kubeconfig: it may do anything, whatever RBAC says."""
        self.authority.issue_client("admin", [ADMIN_GROUP], "admin")
        self._write_kubeconfig(ADMIN_FILE, "admin", _certificate_of(self._admin_pair))

    def _post(self, path: str, body: Mapping[str, object]) -> None:
        tls = self.authority.client_context(self._admin_pair)
        headers = {"Content-Type": "application/json"}
        request = Request(self.server + path, json.dumps(body).encode(), headers)  # noqa: S310
        with local_opener(tls).open(request, timeout=REQUEST_LIMIT_SECONDS):
            pass

    @property
    def _admin_pair(self) -> KeyPair:
        return self.authority.pair("admin")

    def _write_kubeconfig(self, file_name: str, user: str, credentials: dict[str, str]) -> Path:
        """Write a kubeconfig only its owner may read."""
        cluster = {
            "server": self.server,
            "certificate-authority-data": _base64(self.authority.files.certificate),
        }
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "sandbox", "cluster": cluster}],
            "users": [{"name": user, "user": credentials}],
            "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
            "current-context": "sandbox",
        }
        path = self.folder / file_name
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return path


def _certificate_of(pair: KeyPair) -> dict[str, str]:
    return {
        "client-certificate-data": _base64(pair.certificate),
        "client-key-data": _base64(pair.key),
    }


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _file_name(*parts: str) -> str:
    """Make a file name of user and group names, which may hold colons and slashes."""
    return "user-" + "+".join(re.sub(r"[^A-Za-z0-9.-]", "_", part) for part in parts)
