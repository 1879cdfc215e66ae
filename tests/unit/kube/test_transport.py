"""What stands between us and the API server, a network and proxies, ends no request in silence."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from kubernetes.client import Configuration
from studio_operator.kube.transport import ApiError, Transport

LIST = json.dumps({"metadata": {"resourceVersion": "7"}, "items": [{"n": 1}, {"n": 2}]})


class Proxy(BaseHTTPRequestHandler):
    """Answers each path with what the test says, and counts the connections."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[dict[str, Callable[[Proxy], None]]]
    connections: ClassVar[list[object]]
    asked: ClassVar[list[str]]
    over: ClassVar[threading.Event]

    def setup(self) -> None:
        super().setup()
        self.connections.append(self)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.answers[self.path.partition("?")[0]](self)

    def say(self, status: int, text: str, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Say nothing of requests."""


@contextmanager
def reach(
    answers: dict[str, Callable[[Proxy], None]], timeout: float = 60
) -> Iterator[tuple[Transport, type[Proxy]]]:
    """A transport to a server of these answers."""

    class Answering(Proxy):
        """The proxy of this test."""

    Answering.answers, Answering.connections, Answering.asked = answers, [], []
    Answering.over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    configuration = Configuration(host=f"http://127.0.0.1:{server.server_port}")
    transport = Transport(configuration, agent="tester", timeout=timeout, page_size=2)
    try:
        yield transport, Answering
    finally:
        Answering.over.set()
        transport.close()
        server.shutdown()
        thread.join()
        server.server_close()


def refusal(call: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


def test_calls_lists_streams_and_refusals_share_one_connection() -> None:
    answers: dict[str, Callable[[Proxy], None]] = {
        "/one": lambda to: to.say(200, '{"n": 1}'),
        "/list": lambda to: to.say(200, LIST),
        "/watch": lambda to: to.say(200, '{"n": 1}\n{"n": 2}\n'),
        "/none": lambda to: to.say(404, "404 page not found"),
    }
    with reach(answers) as (transport, proxy):
        for _ in range(3):
            assert transport.call("GET", "/one") == {"n": 1}
            (page,) = transport.pages("/list", lambda item: item["n"], query={"labelSelector": ""})
            assert (page.items, page.resource_version, page.is_last) == ([1, 2], "7", True)
            assert [line["n"] for line in transport.stream("/watch", {"watch": "1"})] == [1, 2]
            assert refusal(lambda: transport.call("GET", "/none")).is_gone
        assert proxy.asked == 3 * ["/one", "/list?limit=2", "/watch?watch=1", "/none"]
        assert len(proxy.connections) == 1


def test_a_refusal_keeps_what_the_status_says_and_of_a_proxys_page_the_beginning() -> None:
    status = {"reason": "NotFound", "message": "no such space", "details": {"name": "churn"}}
    answers: dict[str, Callable[[Proxy], None]] = {
        "/status": lambda to: to.say(404, json.dumps(status), Retry_After="3"),
        "/page": lambda to: to.say(502, "<html>" + "bad gateway " * 100, Retry_After="soon"),
        "/list": lambda to: to.say(200, '["no Status"]'),
    }
    with reach(answers) as (transport, _):
        error = refusal(lambda: transport.call("GET", "/status"))
        assert str(error) == "404 NotFound: no such space"
        assert (error.details, error.retry_after) == ({"name": "churn"}, 3.0)
        error = refusal(lambda: transport.call("GET", "/page"))
        assert error.message.startswith("<html>bad gateway")
        assert len(error.message) == 200
        assert (error.details, error.retry_after, error.is_transient) == ({}, 0.0, True)


in_each_way = pytest.mark.parametrize(
    "ask",
    [
        lambda transport: transport.call("GET", "/"),
        lambda transport: transport.read_dated("/"),
        lambda transport: next(transport.pages("/", dict)),
        lambda transport: list(transport.stream("/", {})),
    ],
    ids=["call", "dated", "list", "stream"],
)


@in_each_way
@pytest.mark.parametrize("text", ["<html>Sign in</html>", '{"metadata":{},"items":[{"n":1}'])
def test_an_answer_that_is_no_json_is_no_answer(
    text: str, ask: Callable[[Transport], object]
) -> None:
    with reach({"/": lambda to: to.say(200, text)}) as (transport, _):
        error = refusal(lambda: ask(transport))
    assert error.is_transient
    assert "gives an answer that is no JSON" in error.message


@in_each_way
@pytest.mark.parametrize("way", ["silent", "silent within", "ends within"])
def test_an_answer_that_does_not_come_or_stops_within_is_no_answer(
    way: str, ask: Callable[[Transport], object]
) -> None:
    def answer(to: Proxy) -> None:
        if way != "silent":
            to.say(200, '{"metadata":{},"items":[', length=100)
        if way != "ends within":
            to.over.wait(60)
        to.close_connection = True

    with reach({"/": answer}, timeout=60 if way == "ends within" else 0.2) as (transport, _):
        error = refusal(lambda: ask(transport))
        assert error.status == 0
        assert error.is_transient
        assert error.message.startswith(f"{transport.server} does not answer: ")


def test_who_stops_listening_to_a_stream_leaves_nothing_behind_for_the_next_request() -> None:
    def watch(to: Proxy) -> None:
        to.send_response(200)
        to.send_header("Transfer-Encoding", "chunked")
        to.end_headers()
        to.wfile.write(b'9\r\n{"n": 1}\n\r\n')
        to.over.wait(60)
        to.close_connection = True

    answers = {"/watch": watch, "/one": lambda to: to.say(200, '{"n": 1}')}
    with reach(answers) as (transport, proxy):
        stream = transport.stream("/watch", {})
        assert next(stream) == {"n": 1}
        stream.close()  # type: ignore[attr-defined]
        assert transport.call("GET", "/one") == {"n": 1}
        assert len(proxy.connections) == 2
