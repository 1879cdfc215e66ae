"""AWS's errors, sorted into the few kinds that ask for different reactions: one table."""

from __future__ import annotations

import re
from dataclasses import dataclass

from botocore import exceptions as botocore_errors
from botocore.exceptions import ClientError

from studio_operator.plan.types import FailureKind

THROTTLING_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",  # the tagging API's own word
        "TooManyRequestsException",
    }
)

# After these the same question may be answered in a while: what hangs on the answer can wait.
ANSWERED_LATER = frozenset({FailureKind.TRANSIENT, FailureKind.CREDENTIALS})

# AWS does not take who we say we are: "Common Errors" of the API references of SageMaker, STS and
# S3. A permission helps with none of them.
CREDENTIAL_CODES = frozenset(
    {
        "AuthFailure",
        "ExpiredIdentityToken",
        "ExpiredToken",
        "ExpiredTokenException",
        "IDPCommunicationError",
        "IDPRejectedClaim",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidIdentityToken",
        "InvalidSecurity",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "MissingSecurityHeader",
        "RequestExpired",
        "RequestInTheFuture",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
# Calls that the SDK makes by itself to get credentials: what they are refused says nothing about
# the call that needed them.
_CREDENTIAL_CALLS = frozenset(
    {
        "AssumeRole",
        "AssumeRoleForPodIdentity",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "CreateOAuth2Token",
        "CreateToken",
        "GetRoleCredentials",
    }
)


class AwsError(Exception):
    """A call that failed, with what it asks for.

    - `code`: AWS's error code, or the name of botocore's exception where AWS gave none.
    - `request_id`: AWS's, for a support case; None where no answer came.
    """

    def __init__(
        self,
        operation: str,
        kind: FailureKind,
        code: str,
        message: str,
        request_id: str | None = None,
    ) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.operation = operation
        self.kind = kind
        self.code = code
        self.message = message
        self.request_id = request_id

    @property
    def is_throttling(self) -> bool:
        """Whether AWS asked to call less often."""
        return self.code in THROTTLING_CODES


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table. An empty `codes`, `message` or `operation` matches all."""

    kind: FailureKind
    codes: frozenset[str] = frozenset()
    message: str = ""
    operation: str = ""

    def matches(self, operation: str, code: str, message: str) -> bool:
        """Whether this row speaks of the error; patterns are searched, whatever their case."""
        return (
            (not self.codes or code in self.codes)
            and re.search(self.operation, operation) is not None
            and re.search(self.message, message, re.IGNORECASE) is not None
        )


# SageMaker uses ValidationException for much more than invalid input, and a message is then all
# there is to tell cases apart.
VALIDATION = frozenset({"ValidationException", "ValidationError"})

# Read from the top: the first row that matches counts.
RULES: tuple[Rule, ...] = (
    # Codes of EC2 and EBS come inside the message of another error.
    Rule(FailureKind.COOLDOWN, message="VolumeModificationRateExceeded|wait at least 6 hours"),
    Rule(FailureKind.CAPACITY, message="Insufficient(Instance)?Capacity"),
    Rule(
        FailureKind.CAPACITY,
        frozenset({"EC2InsufficientCapacityError", "InsufficientCapacityException"}),
    ),
    Rule(FailureKind.TRANSIENT, THROTTLING_CODES),
    Rule(
        FailureKind.QUOTA,
        frozenset(
            {"ResourceLimitExceeded", "LimitExceededException", "ServiceQuotaExceededException"}
        ),
    ),
    Rule(
        FailureKind.GONE, frozenset({"NoSuchKey", "ResourceNotFound", "ResourceNotFoundException"})
    ),
    Rule(FailureKind.GONE, VALIDATION, "RecordNotFound"),
    # An app is listed for 24 hours after its end; deleting it once more answers one of these.
    Rule(
        FailureKind.GONE,
        VALIDATION,
        "has already been deleted|previously failed and was automatically deleted",
        "^Delete",
    ),
    # Profiles and spaces share one name space: another kind's name is taken for good, while a
    # thing of the same kind may be the one whose creation was answered by a broken connection.
    Rule(FailureKind.INVALID, message="User ?Profile already exists", operation="^CreateSpace$"),
    Rule(FailureKind.INVALID, message="Space already exists", operation="^CreateUserProfile$"),
    Rule(
        FailureKind.BUSY,
        frozenset({"ResourceInUse", "ResourceInUseException", "ConflictException"}),
    ),
    Rule(FailureKind.BUSY, VALIDATION, "already exists", "^Create"),
    # The service's own check of the input; its message may quote states among the allowed values.
    Rule(FailureKind.INVALID, VALIDATION, "validation errors? detected"),
    # A request that comes too early: DeleteSpace on a Pending space, CreateSpace before its owner
    # is InService. AWS words these in several ways, all with the state's name.
    Rule(
        FailureKind.BUSY,
        VALIDATION,
        r"not in '?\(?\[?InService"
        r"|unable to transition"
        r"|\bin (the |an? )?['\"\[(]*(Pending|InService|Updating|Deleting|Update_Failed)\b"
        r"|\b(status|state)\b[^.]{0,20}['\"\[( ](Pending|Updating|Deleting)\b"
        r"|(invalid|wrong) (status|state)\b",
    ),
    Rule(FailureKind.CREDENTIALS, CREDENTIAL_CODES),
    Rule(
        FailureKind.ACCESS,
        frozenset(
            {
                "AccessDenied",
                "AccessDeniedException",
                "NotAuthorized",
                "OptInRequired",
                "SubscriptionRequiredException",
                "UnauthorizedOperation",
            }
        ),
    ),
    Rule(FailureKind.ACCESS, VALIDATION, "is not authorized to perform"),
    Rule(
        FailureKind.TRANSIENT,
        frozenset(
            {
                "InternalError",
                "InternalFailure",
                "InternalServerError",
                "InternalServerException",
                "InternalServiceException",
                "PaginationTokenExpiredException",
                "RequestTimeout",
                "RequestTimeoutException",
                "ServiceUnavailable",
                "ServiceUnavailableException",
            }
        ),
    ),
)

# botocore's exceptions of calls that AWS never answered, by class; the first that fits counts.
UNANSWERED: tuple[tuple[tuple[type[Exception], ...], FailureKind], ...] = (
    (
        (
            botocore_errors.NoCredentialsError,
            botocore_errors.PartialCredentialsError,
            botocore_errors.CredentialRetrievalError,
            botocore_errors.MetadataRetrievalError,
            botocore_errors.TokenRetrievalError,
            botocore_errors.NoAuthTokenError,
            botocore_errors.SSOError,
            botocore_errors.LoginError,
            botocore_errors.InvalidIMDSEndpointError,
            botocore_errors.InvalidIMDSEndpointModeError,
            botocore_errors.RefreshWithMFAUnsupportedError,
            botocore_errors.UnknownCredentialError,
            botocore_errors.UnknownTokenProviderError,
            FileNotFoundError,  # of the file with the web identity's token, as is the next
            PermissionError,
        ),
        FailureKind.CREDENTIALS,
    ),
    (
        (
            botocore_errors.ParamValidationError,
            botocore_errors.NoRegionError,
            botocore_errors.InvalidRegionError,
            botocore_errors.UnknownRegionError,
            botocore_errors.EndpointResolutionError,
            botocore_errors.ProfileNotFound,
            botocore_errors.ConfigNotFound,
            botocore_errors.ConfigParseError,
            ValueError,  # botocore's word for an endpoint that is no URL
        ),
        FailureKind.INVALID,
    ),
)


def classify(operation: str, exception: Exception) -> AwsError:
    """The error of a call, sorted."""
    if isinstance(exception, AwsError):
        return exception
    if isinstance(exception, ClientError):
        return _classify_answer(operation, exception)
    if isinstance(exception, RuntimeError) and "credentials" in str(exception):
        # botocore: "Credentials were refreshed, but the refreshed credentials are still expired."
        return AwsError(operation, FailureKind.CREDENTIALS, "RefreshedButExpired", str(exception))
    kind = next(
        (kind for classes, kind in UNANSWERED if isinstance(exception, classes)),
        FailureKind.TRANSIENT,
    )
    return AwsError(operation, kind, type(exception).__name__, str(exception))


def _classify_answer(operation: str, exception: ClientError) -> AwsError:
    error = exception.response.get("Error", {})
    metadata = exception.response.get("ResponseMetadata")
    code = error.get("Code") or "Unknown"
    message = error.get("Message") or ""
    kind = next(
        (rule.kind for rule in RULES if rule.matches(operation, code, message)),
        _kind_of_status(metadata["HTTPStatusCode"] if metadata else 0),
    )
    is_ours = exception.operation_name == operation or operation in _CREDENTIAL_CALLS
    if exception.operation_name in _CREDENTIAL_CALLS and not is_ours:
        kind = kind if kind is FailureKind.TRANSIENT else FailureKind.CREDENTIALS
    return AwsError(operation, kind, code, message, metadata.get("RequestId") if metadata else None)


def _kind_of_status(status: int) -> FailureKind:
    """What an unknown code most likely asks for: a refused request stays wrong, the rest passes."""
    if status in {401, 403}:
        return FailureKind.ACCESS
    if 400 <= status < 500 and status not in {408, 429}:
        return FailureKind.INVALID
    return FailureKind.TRANSIENT
