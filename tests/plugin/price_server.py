"""AWS's Price List API as a small HTTP server: GetProducts in the JSON protocol of the service.

moto knows the operation by name only. Requests are read as botocore's model has them (target
AWSPriceListService.GetProducts, JSON 1.1), and answered from rows in the shape of AWS's own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TARGET = "AWSPriceListService.GetProducts"
CONTENT_TYPE = "application/x-amz-json-1.1"
# AWS gives up to 100 at once; fewer here, so that every list has pages.
PAGE = 2


@dataclass
class PriceServer:
    """What it answers with: products, or while there are failures the first of them."""

    products: Sequence[str]
    failures: list[tuple[int, str, str]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    endpoint: str = ""

    def answer(self, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an answer."""
        request = json.loads(body)
        self.requests.append(request)
        if self.failures:
            status, code, message = self.failures.pop(0)
            return status, {"__type": code, "Message": message}
        assert target == TARGET, target
        assert request["ServiceCode"] == "AmazonSageMaker"
        fitting = [text for text in self.products if _fits(text, request["Filters"])]
        begin = int(request.get("NextToken", "0"))
        page = {"FormatVersion": "aws_v1", "PriceList": fitting[begin : begin + PAGE]}
        more = begin + PAGE < len(fitting)
        return 200, {**page, "NextToken": str(begin + PAGE)} if more else page


def _fits(text: str, filters: list[dict[str, str]]) -> bool:
    attributes = json.loads(text)["product"]["attributes"]
    assert {one["Type"] for one in filters} == {"TERM_MATCH"}
    return all(attributes.get(one["Field"]) == one["Value"] for one in filters)


@contextmanager
def serve_prices(products: Sequence[str]) -> Iterator[PriceServer]:
    """The server on a free port, until the end of the block."""
    prices = PriceServer(products)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            # Credential=KEY/DATE/REGION/SERVICE/aws4_request
            prices.regions.append(self.headers["Authorization"].split("/")[2])
            status, answer = prices.answer(self.headers["X-Amz-Target"], body)
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Nothing: tests tell what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    prices.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield prices
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
