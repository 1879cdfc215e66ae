"""S3 as far as the front door knows it: which operation a request asks for, and errors in XML.

moto carries it out. What is named here is in the log of calls, and faults and barriers can be put
to it; everything else of S3 is passed to moto unseen.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from moto.s3.models import s3_backends

from studio_simulator.errors import ServiceError
from studio_simulator.requests.web import Answer, Request

SERVICE = "s3"
# By the method and the member of the query that makes it another operation.
ON_OBJECTS = {
    ("GET", ""): "GetObject",
    ("HEAD", ""): "HeadObject",
    ("PUT", ""): "PutObject",
    ("DELETE", ""): "DeleteObject",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("PUT", "uploadId"): "UploadPart",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
}
ON_BUCKETS = {
    ("GET", "list-type"): "ListObjectsV2",
    ("HEAD", ""): "HeadBucket",
    ("PUT", ""): "CreateBucket",
}
# Members of a query that make no other operation.
DETAILS = re.compile(
    r"x-id|versionId|partNumber|response-.*|prefix|max-keys|delimiter|.*-token|.*-type"
)
STATUSES = {"AccessDenied": 403, "NoSuchKey": 404, "NoSuchBucket": 404, "SlowDown": 503}
CODE = re.compile(rb"<Code>([^<]+)</Code>(?:\s*<Message>([^<]*)</Message>)?")


def operation_of(request: Request) -> tuple[str, dict[str, str]] | None:
    """Return the operation and its parameters, for a signed request in path style, or None."""
    query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
    bucket, _, key = unquote(request.path).removeprefix("/").partition("/")
    telling = [name for name in query if name == "list-type" or not DETAILS.fullmatch(name)]
    found = (ON_OBJECTS if key else ON_BUCKETS).get((request.method, "".join(telling)))
    if found is None or not bucket:
        return None
    parameters = {"Bucket": bucket, "Key": key, "Prefix": query.get("prefix", "")}
    return found, {name: value for name, value in parameters.items() if value}


def check_owner(request: Request, parameters: dict[str, str]) -> None:
    """Refuse a bucket of another account than the request expects, as S3 does.

    S3 User Guide, page bucket-owner-condition: 403, Access Denied. moto passes over the header.
    """
    expected = request.headers.get("x-amz-expected-bucket-owner")
    _, owner = s3_backends.bucket_accounts.get(parameters["Bucket"], ("", expected))
    if expected is not None and expected != owner:
        raise ServiceError("AccessDenied", "Access Denied")


def error_answer(error: ServiceError) -> Answer:
    """Return an error as S3 puts it."""
    said = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    status = STATUSES.get(error.code, error.status)
    return Answer(status, f"<Error>{said}</Error>".encode(), {"Content-Type": "application/xml"})


def outcome(answer: Answer) -> tuple[str, str | None]:
    """Return the code and message of an answer that is an error."""
    said = CODE.search(answer.body)
    if said is None:  # HEAD is answered without words
        return f"HTTP-{answer.status}", None
    code, message = said.groups()
    return code.decode(), message.decode() if message else None
