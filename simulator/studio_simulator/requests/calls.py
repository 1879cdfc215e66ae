"""Recognises which operation of which service a request asks for, and on whose behalf."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import get_account_id_from

from studio_simulator.errors import ServiceError
from studio_simulator.moto import s3_calls
from studio_simulator.requests.web import Request

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")
SERVICES = {
    "SageMaker": "sagemaker",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
}
UNSIGNED_REGION = "us-east-1"


@dataclass(frozen=True)
class Call:
    """One operation asked for."""

    service: str
    operation: str
    account: str
    region: str | None
    """None when the request is not signed."""
    parameters: dict[str, Any]
    is_json: bool
    """Whether the service speaks JSON; if not, moto reads the parameters itself."""

    @property
    def place(self) -> tuple[str, str]:
        """Account and region."""
        return self.account, self.region or UNSIGNED_REGION


def call_of(request: Request) -> Call | None:
    """Return the operation that a request asks for, or None if it asks for none.

    Raises:
        ServiceError: SerializationException, when the body is not a JSON object.

    """
    signature = CREDENTIAL.search(request.headers.get("Authorization") or "")
    key, region, signed_service = signature.groups() if signature else (None, None, "")
    target = request.headers.get("X-Amz-Target")
    account = _account(request, key)
    if target is not None:
        prefix, _, operation = target.partition(".")
        service = SERVICES.get(prefix, prefix)
        return Call(service, operation, account, region, _json_object(request.body), True)
    form = _form(request)
    if "Action" in form:
        return Call(signed_service, form["Action"], account, region, form, False)
    if signed_service == s3_calls.SERVICE and (found := s3_calls.operation_of(request)):
        return Call(signed_service, found[0], account, region, dict(found[1]), False)
    return None


def _account(request: Request, access_key: str | None) -> str:
    """Return the account, found the way moto finds it."""
    fixed = os.environ.get("MOTO_ACCOUNT_ID") or request.headers.get("x-moto-account-id")
    if fixed:
        return fixed
    account = get_account_id_from(access_key) if access_key else DEFAULT_ACCOUNT_ID
    return str(account)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", "The body is not JSON.") from error
    if not isinstance(content, dict):
        raise ServiceError("SerializationException", "The body is not a JSON object.")
    return content


def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("Content-Type") or ""
    if not kind.startswith("application/x-www-form-urlencoded"):
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))
