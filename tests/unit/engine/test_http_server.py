"""The server of health and metrics, over HTTP, and what those find who mean to stop it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Self

import aiohttp
import pytest
from studio_operator.engine.monitoring.http_server import Answer, ConnectionLimits, HttpServer, Page

# No machine is so busy that a connection is let go for its time.
LIMITS = ConnectionLimits(connections=4, rate=1000, seconds=600)
LARGE = Answer(b"x" * 20_000_000)


class Served:
    """A server for the time of a scenario."""

    def __init__(self, pages: Mapping[str, Page], limits: ConnectionLimits) -> None:
        self._server = HttpServer(pages, 0, limits)
        self.port = 0

    async def __aenter__(self) -> Self:
        self.port = await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()

    async def ask(self, path: str, method: str = "GET") -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"http://127.0.0.1:{self.port}{path}") as answer,
        ):
            return answer.status, await answer.text()

    async def connect(
        self, source: str = "127.0.0.1"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))


def page(_: str) -> Answer:
    return Answer(b"words\n")


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/page", 200, "words\n"),
        ("GET", "/page?further=1", 200, "words\n"),
        ("HEAD", "/page", 200, ""),
        ("GET", "/other", 404, "Not Found\n"),
        ("POST", "/page", 405, "Method Not Allowed\n"),
    ],
)
def test_a_page_is_answered_by_its_path(method: str, path: str, status: int, said: str) -> None:
    async def scenario() -> tuple[int, str]:
        async with Served({"/page": page}, LIMITS) as served:
            return await served.ask(path, method)

    assert asyncio.run(scenario()) == (status, said)


def test_a_page_that_fails_is_an_answer_and_the_next_one_is_served() -> None:
    def broken(_: str) -> Answer:
        raise RuntimeError

    async def scenario() -> list[int]:
        async with Served({"/page": page, "/broken": broken}, LIMITS) as served:
            return [(await served.ask(path))[0] for path in ("/broken", "/page")]

    assert asyncio.run(scenario()) == [HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.OK]


@pytest.mark.parametrize(
    "words",
    [b"", b"GET /page", b"\r\n\r\n", b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n", b"x" * 100_000],
    ids=["nothing", "half a request", "no request", "half a line", "bytes", "too much"],
)
def test_who_says_nonsense_hurts_nobody(words: bytes) -> None:
    async def scenario() -> tuple[int, str]:
        async with Served({"/page": page}, LIMITS) as served:
            _, writer = await served.connect()
            writer.write(words)
            writer.write_eof()
            return await served.ask("/page")

    assert asyncio.run(scenario()) == (200, "words\n")


@pytest.mark.parametrize(
    "request_line", [b"", b"GET /large HTTP/1.1\r\n\r\n"], ids=["mute", "slow"]
)
def test_who_holds_connections_open_loses_them_to_who_asks(request_line: bytes) -> None:
    """Four times as many as there may be, of which none says or reads anything."""

    async def scenario() -> tuple[int, str]:
        async with Served({"/page": page, "/large": lambda _: LARGE}, LIMITS) as served:
            held = [await served.connect("127.0.0.2") for _ in range(4 * LIMITS.connections)]
            for _, writer in held:
                writer.write(request_line)
            said = await asyncio.wait_for(served.ask("/page"), LIMITS.seconds / 10)
            for _, writer in held:
                writer.close()
            return said

    assert asyncio.run(scenario()) == (200, "words\n")


def test_who_opens_many_loses_its_own_and_not_that_of_another_address() -> None:
    async def scenario() -> str:
        async with Served({"/page": page}, LIMITS) as served:
            reader, writer = await served.connect("127.0.0.1")
            held = [await served.connect("127.0.0.2") for _ in range(4 * LIMITS.connections)]
            async with asyncio.timeout(60):
                while not held[0][0].at_eof():  # the first of them has been let go
                    await asyncio.sleep(0.01)
            writer.write(b"GET /page HTTP/1.1\r\n\r\n")
            said = (await reader.read()).decode()
            for _, other in (*held, (reader, writer)):
                other.close()
            return said

    assert asyncio.run(scenario()).endswith("words\n")


def test_a_slow_reader_is_let_go_after_its_time() -> None:
    async def scenario() -> float:
        limits = replace(LIMITS, seconds=0.2)
        async with Served({"/large": lambda _: LARGE}, limits) as served:
            with socket.create_connection(("127.0.0.1", served.port)) as slow:
                began = time.monotonic()
                slow.sendall(b"GET /large HTTP/1.1\r\n\r\n")
                async with asyncio.timeout(60):
                    while not served._server._open:
                        await asyncio.sleep(0.001)
                    while served._server._open:
                        await asyncio.sleep(0.001)
                return time.monotonic() - began

    assert asyncio.run(scenario()) >= 0.2


def test_connections_are_taken_up_at_a_bounded_rate_and_each_gets_its_answer() -> None:
    """So a crowd costs no more in a second than a few that ask."""

    async def scenario() -> float:
        async with Served({"/page": page}, replace(LIMITS, rate=20)) as served:
            began = time.monotonic()
            answers = await asyncio.gather(*(served.ask("/page") for _ in range(20)))
            assert answers == [(200, "words\n")] * 20
            return time.monotonic() - began

    assert asyncio.run(scenario()) > 0.8


def test_a_port_that_is_taken_is_an_error() -> None:
    async def scenario() -> None:
        async with Served({}, LIMITS) as served:
            await HttpServer({}, served.port, LIMITS).start()

    with pytest.raises(OSError, match="in use"):
        asyncio.run(scenario())
