"""The HTTP server: moto's, kept alive between requests, with the front door in front of it."""

from __future__ import annotations

import io
import logging
import socket
from email.utils import formatdate
from http import HTTPStatus
from typing import IO, Any, cast
from uuid import uuid4

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import DechunkedInput, ThreadedWSGIServer

from studio_simulator.moto.moto_app import MotoApplication, install
from studio_simulator.requests.front_door import FrontDoor
from studio_simulator.requests.web import Answer, Request
from studio_simulator.settings import Configuration
from studio_simulator.simulator import Simulator

LOGGER = logging.getLogger(__name__)
REASONS = {status.value: status.phrase for status in HTTPStatus}


class StudioServer(ThreadedWSGIServer):
    """A moto-server with SageMaker Studio in it; one thread a connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, host: str, port: int, configuration: Configuration | None = None) -> None:
        simulator = Simulator(configuration)
        install(simulator)
        self.simulator = simulator
        self.front_door = FrontDoor(simulator, MotoApplication())
        super().__init__(host, port, app=_unused, handler=StudioRequestHandler)

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://{self.host}:{self.port}"


def _unused(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
    """Stand in for the WSGI application: the request handler asks the front door instead."""
    return []


class StudioRequestHandler(MotoRequestHandler):
    """Reads a request, asks the front door, writes the answer, keeps the connection.

    werkzeug's own handler closes the connection after each answer; a client would then spend more
    time on connecting than on calling.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StudioServer
    timeout = None

    def run_wsgi(self) -> None:
        """Answer one request; werkzeug's handler calls this for every HTTP method."""
        if (self.headers.get("Expect") or "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._read_body()
        if body is None:
            self.close_connection = True
            return
        request = Request(
            method=self.command,
            target=self.path,
            headers=self.headers,
            body=body,
            is_client_gone=self._is_client_gone,
            wsgi=lambda: self._environ(body),
        )
        answer = self.server.front_door.answer(request)
        if answer is None:
            self.close_connection = True
            return
        try:
            self._write(answer)
        except ConnectionError:
            self.close_connection = True

    def _read_body(self) -> bytes | None:
        """Return the body; None when it does not come as announced, or is not announced well."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return DechunkedInput(cast("IO[bytes]", self.rfile)).read()
        announced = self.headers.get("Content-Length") or "0"
        if not announced.isdecimal():
            return None
        body = self.rfile.read(int(announced)) if announced != "0" else b""
        return body if len(body) == int(announced) else None

    def _environ(self, body: bytes) -> dict[str, Any]:
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return environ

    def _is_client_gone(self) -> bool:
        """Return whether the client has closed its side; nothing is read away."""
        try:
            waiting: bytes = self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        return waiting == b""

    def _write(self, answer: Answer) -> None:
        """Send head and body in one piece."""
        head = [
            f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, '')}",
            f"x-amzn-RequestId: {uuid4()}",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Length: {len(answer.body)}",
            *(f"{name}: {value}" for name, value in answer.headers.items()),
        ]
        if self.close_connection:
            head.append("Connection: close")
        body = b"" if self.command == "HEAD" else answer.body
        self.wfile.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing; the calls stand in the call log."""
