"""Serves a few pages on a port, at a bounded cost whoever asks and however often.

Any Pod may reach a port where no NetworkPolicy keeps it away, and everything else runs in the same
event loop. So connections are taken up at a bounded rate, the rest wait in the kernel; each gets
one answer within a bounded time; and there are a few at once. No framework's server bounds the
first or, for readers that take nothing, the second.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

log = logging.getLogger(__name__)

# A request of Prometheus has some hundred bytes.
REQUEST_LIMIT = 8192
# What the kernel holds of a page that nobody reads. It would grow to some MiB by itself.
SEND_BUFFER = 65_536
# Connections that wait in the kernel.
BACKLOG = 128
# A pause in seconds after the system had no file or no memory for another connection.
ACCEPT_RETRY = 1.0

END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page says at this moment."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    status: int = HTTPStatus.OK


# A page takes the request's Accept header, empty where there is none.
Page = Callable[[str], Answer | Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What connections may cost.

    - `connections`: so many at once.
    - `rate`: so many are taken up in a second.
    - `seconds`: so long one may take, its request and the answer.
    """

    connections: int
    rate: float
    seconds: float


class HttpServer:
    """Pages by their paths, on all interfaces."""

    def __init__(self, pages: Mapping[str, Page], port: int, limits: ConnectionLimits) -> None:
        """A port of 0 takes any free one."""
        self._pages = pages
        self._port = port
        self._limits = limits
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._open: dict[asyncio.Task[None], str] = {}  # by the address of its peer, oldest first

    async def start(self) -> int:
        """Begin to answer; returns the port. OSError when it is taken."""
        self._socket = _listen(self._port)
        self._socket.setblocking(False)
        port = int(self._socket.getsockname()[1])
        self._accepting = asyncio.create_task(self._accept(self._socket), name=f"port {port}")
        log.info("Port %d serves %s.", port, " and ".join(self._pages))
        return port

    async def stop(self) -> None:
        """Answer no more."""
        tasks = [task for task in (self._accepting, *self._open) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._socket is not None:
            self._socket.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(listening)
            except OSError as error:
                log.warning("No connection to port %d can be taken up: %s", self._port, error)
                await asyncio.sleep(ACCEPT_RETRY)
                continue
            self._make_room()
            task = asyncio.create_task(self._serve(connection), name="connection")
            self._open[task] = str(address[0])
            task.add_done_callback(self._open.pop)
            await asyncio.sleep(1 / self._limits.rate)

    def _make_room(self) -> None:
        """Close the oldest connection of the address that has most, where there are too many.

        So who opens many loses its own, and not the one of Prometheus.
        """
        under_way = {task: peer for task, peer in self._open.items() if not task.cancelling()}
        if len(under_way) < self._limits.connections:
            return
        ((busiest, _),) = Counter(under_way.values()).most_common(1)
        next(task for task, peer in under_way.items() if peer == busiest).cancel()

    async def _serve(self, connection: socket.socket) -> None:
        """One request and its answer."""
        loop = asyncio.get_running_loop()
        with connection, suppress(OSError, TimeoutError):  # it has gone, or is too slow
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            async with asyncio.timeout(self._limits.seconds):
                request = await _read_request(connection)
                answer = await self._answer(request)
                await loop.sock_sendall(connection, _head_of(answer))
                if not request.startswith(b"HEAD "):
                    # The same object for all: no connection has a copy of a large page.
                    await loop.sock_sendall(connection, answer.body)
                connection.shutdown(socket.SHUT_WR)

    async def _answer(self, request: bytes) -> Answer:
        if not request.endswith(END_OF_HEAD):
            return _refusal(HTTPStatus.BAD_REQUEST)
        first, *headers = request.split(b"\r\n")
        method, _, rest = first.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0].decode("latin-1")
        if path not in self._pages:
            return _refusal(HTTPStatus.NOT_FOUND)
        if method not in {b"GET", b"HEAD"}:
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            said = self._pages[path](_header(headers, b"accept"))
            return said if isinstance(said, Answer) else await said
        except Exception:
            log.exception("%s can't be answered", path)
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR)


def _listen(port: int) -> socket.socket:
    """A socket for IPv6 and IPv4, or for IPv4 where there is nothing else."""
    if socket.has_dualstack_ipv6():
        with suppress(OSError):
            return socket.create_server(
                ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG
            )
    return socket.create_server(("", port), backlog=BACKLOG)


async def _read_request(connection: socket.socket) -> bytes:
    """All up to the empty line; less when the peer ends before, or says more than it may."""
    loop = asyncio.get_running_loop()
    request = b""
    while END_OF_HEAD not in request and len(request) < REQUEST_LIMIT:
        received = await loop.sock_recv(connection, REQUEST_LIMIT - len(request))
        if not received:
            break
        request += received
    head, end, _ = request.partition(END_OF_HEAD)
    return head + end


def _header(lines: list[bytes], name: bytes) -> str:
    """The value of a header; empty when there is none."""
    pairs = (line.partition(b":") for line in lines)
    values = [value.strip() for key, _, value in pairs if key.strip().lower() == name]
    return b",".join(values).decode("latin-1")


def _refusal(status: HTTPStatus) -> Answer:
    return Answer(f"{status.phrase}\n".encode(), status=status)


def _head_of(answer: Answer) -> bytes:
    lines = (
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode("latin-1")
