"""boto3's side of a call: sessions, clients, and what happened on the way. It blocks."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from typing import Any

import boto3
import botocore.session
import botocore.utils
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader, create_loader

from studio_operator.aws.errors import AwsError, classify
from studio_operator.kinds.registry import OPERATIONS
from studio_operator.plan.scope import AccountRegion
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

# The most that is read of an object in S3: those of back-ups have a few hundred bytes.
_OBJECT_LIMIT = 65536


@lru_cache(maxsize=1)
def model_loader() -> Loader:
    """The service models, read once for all: that of SageMaker takes 18 MiB."""
    return create_loader()


def _user_agent() -> str:
    """How CloudTrail names us. Botocore's own is composed anew for each call, for a tenth of it."""
    names = ("studio-operator", "boto3", "botocore")
    return " ".join(f"{name}/{metadata.version(name)}" for name in names)


def parse_timestamp(value: Any) -> datetime:
    """A time of AWS's answers in UTC.

    botocore's own parser gives local time through dateutil, which makes up half of the cost of
    reading a page of a listing.
    """
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return botocore.utils.parse_timestamp(value).astimezone(UTC)


def make_session() -> boto3.session.Session:
    """A session of its own, with the models that were read before it."""
    core = botocore.session.get_session()
    core.register_component("data_loader", model_loader())
    core.get_component("response_parser_factory").set_parser_defaults(
        timestamp_parser=parse_timestamp
    )
    return boto3.session.Session(botocore_session=core)


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What came of a call: the answer or the error.

    `codes` has one entry for each request that was sent: OK, AWS's error code, or the name of
    botocore's exception. It is empty when nothing was sent, for example without credentials.
    `request_id` is AWS's, for a support case; None where no answer came.
    """

    answer: dict[str, Any] | None
    error: AwsError | None
    codes: tuple[str, ...]
    request_id: str | None


@dataclass
class _Tries(threading.local):
    """The codes of the requests of the call that this thread is in."""

    codes: list[str] = field(default_factory=list)


class Clients:
    """boto3 clients by service, account, region and number of tries, made when first needed.

    One more for a service costs 0.8 MiB and 0.15 s, once its model is read. boto3's clients are
    safe to share between threads, making them is not: hence the lock.
    """

    def __init__(self, settings: Settings) -> None:
        self._session = make_session()
        self._looked_for_credentials = time.monotonic()
        self._credentials_pause = settings.credentials_retry
        self._attempts = settings.aws_attempts
        self._config = Config(
            connect_timeout=settings.aws_connect_timeout,
            read_timeout=settings.aws_read_timeout,
            max_pool_connections=settings.aws_threads,
            tcp_keepalive=True,
            user_agent=_user_agent(),
        )
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, AccountRegion, int], Any] = {}
        self._tries = _Tries()

    @property
    def default_region(self) -> str | None:
        """The region of boto3's standard chain; None when none is configured."""
        return self._session.region_name

    def perform(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> CallOutcome:
        """Make a call, by the operation's name in the API."""
        self._tries.codes = []
        try:
            known = OPERATIONS[operation]
            attempts = 1 if known.is_sent_once else self._attempts
            client = self._client(known.api, where, attempts)
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**parameters)
            if operation == "GetObject":
                with answer["Body"] as body:
                    answer["Body"] = body.read(_OBJECT_LIMIT)
        except (ClientError, BotoCoreError, OSError, RuntimeError, ValueError) as exception:
            error = classify(operation, exception)
            if error.kind is FailureKind.CREDENTIALS:
                self._look_for_credentials()
            return CallOutcome(None, error, tuple(self._tries.codes), error.request_id)
        request_id = answer.pop("ResponseMetadata", {}).get("RequestId")
        return CallOutcome(answer, None, tuple(self._tries.codes), request_id)

    def _look_for_credentials(self) -> None:
        """Begin with a new session: a client that found no credentials never looks again.

        Nor does botocore read a file of keys again, or an environment that it has read.
        """
        with self._lock:
            now = time.monotonic()
            if now - self._looked_for_credentials < self._credentials_pause:
                return
            self._looked_for_credentials = now
            self._session, self._clients = make_session(), {}

    def close(self) -> None:
        """Close the idle connections of all clients."""
        with self._lock:
            for client in self._clients.values():
                client.close()

    def _client(self, service: str, where: AccountRegion, attempts: int) -> Any:
        with self._lock:
            key = (service, where, attempts)
            if key not in self._clients:
                retries = Config(retries={"mode": "standard", "total_max_attempts": attempts})
                config = self._config.merge(retries)
                client = self._session.client(service, region_name=where.region, config=config)  # type: ignore[call-overload] # the stubs want literal names
                client.meta.events.register_first("needs-retry", self._note_try)
                self._clients[key] = client
            return self._clients[key]

    def _note_try(
        self, response: Any = None, caught_exception: Exception | None = None, **_: Any
    ) -> None:
        """Listen where botocore asks, after each request, whether to try again."""
        if response is None:
            code = type(caught_exception).__name__
        else:
            code = response[1].get("Error", {}).get("Code", "OK")
        self._tries.codes.append(code)
