"""Which kind each of AWS's errors is."""

from __future__ import annotations

import pytest
from botocore import exceptions as botocore_errors
from botocore.exceptions import ClientError
from studio_operator.aws.errors import AwsError, classify
from studio_operator.plan.types import FailureKind as Kind


def answered(operation: str, code: str, message: str, status: int = 400) -> AwsError:
    """The error of an answer that AWS gave."""
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "request-1"},
    }
    return classify(operation, ClientError(response, operation))  # type: ignore[arg-type]


ANSWERS = [
    # gone
    ("DescribeSpace", "ResourceNotFound", "Space [arn] does not exist.", Kind.GONE),
    ("ListTags", "ValidationException", "RecordNotFound: no such resource", Kind.GONE),
    ("DeleteApp", "ValidationException", "App [default] has already been deleted.", Kind.GONE),
    (
        "DeleteApp",
        "ValidationException",
        "App [default] previously failed and was automatically deleted. For tracking purposes, "
        "apps are available in the ListApps API results for only 24 hours after failure.",
        Kind.GONE,
    ),
    # busy: it will pass within seconds
    (
        "CreateApp",
        "ResourceInUse",
        "Unable to create app [arn] because storage is not in Available status.",
        Kind.BUSY,
    ),
    ("CreateSpace", "ResourceInUse", "Space already exists with the same name 'a'.", Kind.BUSY),
    ("CreateSpace", "ValidationException", "Space [arn] already exists.", Kind.BUSY),
    ("DeleteUserProfile", "ResourceInUse", "Space(s) are associated with it", Kind.BUSY),
    (
        "CreateSpace",
        "ValidationException",
        "Unable to create Space [arn] because UserProfile [arn] is not in InService",
        Kind.BUSY,
    ),
    ("DeleteSpace", "ValidationException", "Space [arn] is in Pending state.", Kind.BUSY),
    ("UpdateSpace", "ValidationException", "Status (Failed) not in ([InService])", Kind.BUSY),
    ("UpdateDomain", "ConflictException", "An update is under way", Kind.BUSY),
    # the name is another kind's, and no waiting helps
    (
        "CreateSpace",
        "ResourceInUse",
        "User Profile already exists with the same name 'alice'. "
        "User Profile and Space name must be unique in a domain.",
        Kind.INVALID,
    ),
    ("CreateUserProfile", "ResourceInUse", "Space already exists with the same name", Kind.INVALID),
    ("CreateUserProfile", "ResourceInUse", "User Profile already exists", Kind.BUSY),
    # money and machines
    ("CreateApp", "ResourceLimitExceeded", "The account-level service limit ...", Kind.QUOTA),
    ("CreateApp", "ResourceLimitExceeded", "EC2InsufficientCapacityError: ...", Kind.CAPACITY),
    (
        "CreateApp",
        "ValidationException",
        "VolumeModificationRateExceeded: We encountered an internal error when trying to update "
        "your volume size. Wait at least 6 hours before trying to update the volume size again.",
        Kind.COOLDOWN,
    ),
    # rights
    ("CreateSpace", "AccessDeniedException", "User: x is not authorized", Kind.ACCESS),
    # wrong for good
    (
        "UpdateSpace",
        "ValidationException",
        "Updating AppType for Space is not supported.",
        Kind.INVALID,
    ),
    (
        "CreateSpace",
        "ValidationException",
        "1 validation error detected: Value 'x' at 'status' failed to satisfy constraint: "
        "Member must satisfy enum value set: [InService, Pending, Updating]",
        Kind.INVALID,
    ),
    (
        "CreateApp",
        "ValidationException",
        "SageMaker Image ARN is required for App with type [JupyterLab]",
        Kind.INVALID,
    ),
    # it may pass
    ("ListSpaces", "ThrottlingException", "Rate exceeded", Kind.TRANSIENT),
    ("GetResources", "ThrottledException", "Rate exceeded", Kind.TRANSIENT),
]


@pytest.mark.parametrize(("operation", "code", "message", "kind"), ANSWERS)
def test_an_answer_is_sorted_by_code_and_message(
    operation: str, code: str, message: str, kind: Kind
) -> None:
    error = answered(operation, code, message)
    assert error.kind is kind
    assert (error.operation, error.code, error.message) == (operation, code, message)
    assert error.request_id == "request-1"


@pytest.mark.parametrize(
    "code",
    [
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidIdentityToken",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    ],
)
def test_credentials_that_aws_does_not_take_are_no_missing_permission(code: str) -> None:
    assert answered("ListSpaces", code, "in AWS's words", 403).kind is Kind.CREDENTIALS


def test_credentials_that_the_sdk_refreshed_in_vain_have_expired() -> None:
    exception = RuntimeError("the refreshed credentials are still expired.")
    error = classify("ListSpaces", exception)
    assert (error.kind, error.code) == (Kind.CREDENTIALS, "RefreshedButExpired")


def test_what_the_sdk_is_refused_on_the_way_to_credentials_is_no_matter_of_the_call() -> None:
    denied = {"Error": {"Code": "AccessDenied", "Message": "Not authorized to assume it"}}
    exception = ClientError(denied, "AssumeRoleWithWebIdentity")  # type: ignore[arg-type] # enough
    assert classify("ListSpaces", exception).kind is Kind.CREDENTIALS
    assert classify("AssumeRoleWithWebIdentity", exception).kind is Kind.ACCESS


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Kind.INVALID),
        (403, Kind.ACCESS),
        (404, Kind.INVALID),
        (429, Kind.TRANSIENT),
        (500, Kind.TRANSIENT),
        (503, Kind.TRANSIENT),
    ],
)
def test_a_code_nobody_heard_of_is_sorted_by_its_status(status: int, kind: Kind) -> None:
    assert answered("CreateSpace", "NewException", "something new", status).kind is kind


@pytest.mark.parametrize(
    ("exception", "kind"),
    [
        (botocore_errors.NoCredentialsError(), Kind.CREDENTIALS),
        (botocore_errors.PartialCredentialsError(provider="x", cred_var="y"), Kind.CREDENTIALS),
        (botocore_errors.CredentialRetrievalError(provider="x", error_msg="y"), Kind.CREDENTIALS),
        (botocore_errors.MetadataRetrievalError(error_msg="no answer"), Kind.CREDENTIALS),
        (botocore_errors.InvalidIMDSEndpointError(endpoint="x"), Kind.CREDENTIALS),
        (botocore_errors.SSOTokenLoadError(error_msg="expired"), Kind.CREDENTIALS),
        (botocore_errors.LoginRefreshRequired(), Kind.CREDENTIALS),
        (FileNotFoundError("/var/run/secrets/token"), Kind.CREDENTIALS),
        (RuntimeError("something else"), Kind.TRANSIENT),
        (botocore_errors.ParamValidationError(report="Missing DomainId"), Kind.INVALID),
        (botocore_errors.NoRegionError(), Kind.INVALID),
        (ValueError("Invalid endpoint: nonsense"), Kind.INVALID),
        (botocore_errors.ConnectTimeoutError(endpoint_url="u"), Kind.TRANSIENT),
        (botocore_errors.ReadTimeoutError(endpoint_url="u"), Kind.TRANSIENT),
        (botocore_errors.EndpointConnectionError(endpoint_url="u"), Kind.TRANSIENT),
        (botocore_errors.ConnectionClosedError(endpoint_url="u"), Kind.TRANSIENT),
    ],
)
def test_a_call_that_got_no_answer_is_sorted_by_its_exception(
    exception: Exception, kind: Kind
) -> None:
    error = classify("ListSpaces", exception)
    assert error.kind is kind
    assert error.code == type(exception).__name__
    assert error.request_id is None


def test_throttling_is_told_from_other_passing_errors() -> None:
    assert answered("ListSpaces", "ThrottlingException", "Rate exceeded").is_throttling
    assert not answered("ListSpaces", "InternalFailure", "", 500).is_throttling


def test_an_error_says_what_failed_and_why() -> None:
    error = answered("CreateSpace", "ResourceInUse", "it is in use")
    assert str(error) == "CreateSpace: ResourceInUse: it is in use"
