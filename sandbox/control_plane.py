"""A real Kubernetes API server with its etcd, started in seconds and gone without a trace.

There is no controller manager, scheduler or kubelet: owner references collect nothing, a deleted
namespace stays Terminating, no namespace gets a ``default`` ServiceAccount, the aggregated roles
(``view``, ``edit``, ``admin``) hold no rules, and pods never run.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.access import Access
from sandbox.assets import Assets, get_assets
from sandbox.audit import write_policy
from sandbox.certificates import Authority, KeyPair, create_signing_key
from sandbox.processes import ManagedProcess, ProcessError, http_probe

LOOPBACK = "127.0.0.1"
READY_WITHIN_SECONDS = 60.0
# Nothing is kept, so there is nothing to say farewell to: the API server would take a second.
GRACE_SECONDS = 0.0
# A free port can be taken by somebody else between our look and the server's bind.
START_ATTEMPTS = 3
PORT_TAKEN = "address already in use"
# Both servers are small and live for minutes: to collect garbage less often than by default (100)
# takes up to 130 MiB more, and 8 % less CPU time, from the start on.
GARBAGE_COLLECTION = {"GOGC": "400"}


class ControlPlane:
    """etcd and kube-apiserver on free ports of 127.0.0.1, with TLS and RBAC; a context manager.

    ``folder`` holds all of its files and is kept; without one a temporary folder is made and
    removed. With ``audit_log`` every request for a resource is logged there: see
    :mod:`sandbox.audit`. Raises ProcessError or AssetsError when it cannot start.
    """

    def __init__(
        self,
        *,
        folder: Path | None = None,
        audit_log: Path | None = None,
        assets: Assets | None = None,
    ) -> None:
        self._given_folder = folder
        self._audit_log = audit_log
        self._assets = assets
        self._cleanup = ExitStack()
        self._access: Access | None = None
        self._processes: tuple[ManagedProcess, ...] = ()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def access(self) -> Access:
        """The ways in. Raises ProcessError when it does not run."""
        if self._access is None:
            raise ProcessError("the control plane is not running")
        return self._access

    @property
    def processes(self) -> tuple[ManagedProcess, ...]:
        """The running processes: etcd and the API server."""
        return self._processes

    @property
    def apiserver(self) -> ManagedProcess:
        """The API server, which may be stopped and started again: etcd keeps the objects."""
        _, apiserver = self._processes
        return apiserver

    def start(self) -> None:
        """Start both servers and wait until the API server is ready."""
        assets = self._assets or get_assets()
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                self._start_once(assets)
            except ProcessError as error:
                self.stop()
                if PORT_TAKEN not in str(error) or attempt == START_ATTEMPTS:
                    raise
            except BaseException:
                self.stop()
                raise
            else:
                return

    def stop(self) -> None:
        """Stop and reap both servers, the API server first, and remove the temporary folder."""
        self._access = None
        self._processes = ()
        self._cleanup.close()

    def _start_once(self, assets: Assets) -> None:
        folder = self._make_folder()
        etcd_port, server_port = free_ports(2)
        access = Access(
            folder, f"https://{LOOPBACK}:{server_port}", assets.kubectl, self._audit_log
        )
        access.authority.create()
        servers = access.authority.issue_server("server", SERVER_NAMES)
        access.write_admin_kubeconfig()
        etcd = _etcd(assets, folder, access.authority, servers, etcd_port)
        apiserver = _apiserver(assets, access, servers, etcd_port, server_port)
        for process in (etcd, apiserver):
            self._cleanup.enter_context(process)
        self._access = access
        self._processes = (etcd, apiserver)

    def _make_folder(self) -> Path:
        if self._given_folder is not None:
            folder = self._given_folder.absolute()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            folder = Path(tempfile.mkdtemp(prefix="studio-sandbox-"))
            self._cleanup.callback(shutil.rmtree, folder)
        self._cleanup.callback(shutil.rmtree, folder / "etcd", ignore_errors=True)
        return folder


SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody listens on right now, all different."""
    with ExitStack() as sockets:
        listeners = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind((LOOPBACK, 0))
        return [listener.getsockname()[1] for listener in listeners]


def _etcd(
    assets: Assets, folder: Path, authority: Authority, servers: KeyPair, port: int
) -> ManagedProcess:
    url = f"https://{LOOPBACK}:{port}"
    flags: dict[str, object] = {
        "name": "sandbox",
        "data-dir": folder / "etcd",
        "listen-client-urls": url,
        "advertise-client-urls": url,
        "listen-peer-urls": f"http://{LOOPBACK}:0",  # a single member: nobody calls
        "cert-file": servers.certificate,
        "key-file": servers.key,
        "client-cert-auth": "true",
        "trusted-ca-file": authority.files.certificate,
        "unsafe-no-fsync": "true",
        # Milliseconds. The only member elects itself; the usual second would only be waited for. A
        # shorter heartbeat wakes an idle etcd more often than it is worth.
        "heartbeat-interval": "100",
        "election-timeout": "500",
        "log-level": "warn",
    }
    return ManagedProcess(
        "etcd",
        [assets.etcd, *_flags(flags)],
        log=folder / "etcd.log",
        environment=os.environ | GARBAGE_COLLECTION,
        probe=http_probe(f"{url}/readyz", tls=authority.client_context(servers)),
        ready_within_seconds=READY_WITHIN_SECONDS,
        grace_seconds=GRACE_SECONDS,
    )


def _apiserver(
    assets: Assets, access: Access, servers: KeyPair, etcd_port: int, port: int
) -> ManagedProcess:
    folder, authority = access.folder, access.authority
    tokens = authority.pair("tokens")
    create_signing_key(tokens)
    flags: dict[str, object] = {
        "advertise-address": LOOPBACK,
        "bind-address": LOOPBACK,
        "secure-port": port,
        "endpoint-reconciler-type": "none",  # a loopback address is no endpoint
        "etcd-servers": f"https://{LOOPBACK}:{etcd_port}",
        "etcd-cafile": authority.files.certificate,
        "etcd-certfile": servers.certificate,
        "etcd-keyfile": servers.key,
        "tls-cert-file": servers.certificate,
        "tls-private-key-file": servers.key,
        "client-ca-file": authority.files.certificate,
        "authorization-mode": "RBAC",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": tokens.certificate,
        "service-account-signing-key-file": tokens.key,
        "service-cluster-ip-range": "10.0.0.0/24",
        # It refuses pods without a ServiceAccount, which no controller makes here.
        "disable-admission-plugins": "ServiceAccount",
        "profiling": "false",
    }
    if access.audit_log is not None:
        policy = folder / "audit-policy.yaml"
        write_policy(policy)
        flags |= {"audit-policy-file": policy, "audit-log-path": access.audit_log.absolute()}
    return ManagedProcess(
        "kube-apiserver",
        [assets.apiserver, *_flags(flags)],
        log=folder / "kube-apiserver.log",
        environment=os.environ | GARBAGE_COLLECTION,
        probe=access.readiness_probe(),
        ready_within_seconds=READY_WITHIN_SECONDS,
        grace_seconds=GRACE_SECONDS,
    )


def _flags(values: dict[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items()]
