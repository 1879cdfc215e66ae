"""The stock moto-server, called in-process for whatever is not Studio's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import moto.sagemaker.models
import moto.sagemaker.responses
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from studio_simulator.errors import ServiceError
from studio_simulator.moto.models import StudioBackend
from studio_simulator.requests.web import Answer, Request
from studio_simulator.simulator import Simulator


def install(simulator: Simulator) -> None:
    """Put Studio into moto, for this process; before moto made its first SageMaker backend.

    moto has no entry point for plugins, but reads the class of a service's backend only when it
    makes one, so exchanging the class is all there is to do. moto's resets and its tagging API
    then work with ours.
    """
    backends = moto.sagemaker.models.sagemaker_backends
    if backends:
        raise RuntimeError("moto has SageMaker backends already; install Studio first")
    StudioBackend.simulator = simulator
    backends.backend = StudioBackend


class MotoApplication:
    """Answers requests with moto's own WSGI application."""

    def __init__(self) -> None:
        self._wsgi: Callable[[dict[str, Any], Any], Iterable[bytes]] = DomainDispatcherApplication(
            create_backend_app
        )

    def __call__(self, request: Request) -> Answer:
        """Return moto's answer.

        Raises:
            ServiceError: for an operation of SageMaker that moto does not have; moto itself would
                answer with a page in HTML, and clients would call again.

        """
        service, _, operation = (request.headers.get("X-Amz-Target") or "").partition(".")
        if service == "SageMaker" and camelcase_to_underscores(operation) not in _known():
            raise ServiceError(
                "UnknownOperationException", f"The simulator does not carry out {operation}."
            )
        body, status, headers = run_wsgi_app(self._wsgi, request.wsgi(), buffered=True)
        kept = {name: value for name, value in headers.items() if name.lower() not in OWN_HEADERS}
        return Answer(int(status.split()[0]), b"".join(body), kept)


OWN_HEADERS = {
    "connection",
    "content-length",
    "transfer-encoding",
    "date",
    "server",
    "x-amzn-requestid",
}
"""Headers that the server writes itself."""


def _known() -> set[str]:
    return set(method_names_from_class(moto.sagemaker.responses.SageMakerResponse))
