"""What is said where AWS does not take the operator's credentials, or there are none.

AWS's own words hold times, signatures and names of the SDK, so they are in the log only: the same
fault has the same words on every resource that it concerns.
"""

from __future__ import annotations

from studio_operator.plan.messages import Message, tell
from studio_operator.plan.remedies import in_aws

_EXPIRED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "LoginRefreshRequired",
        "RefreshedButExpired",
        "TokenRefreshRequired",
        "UnauthorizedSSOTokenError",
    }
)
# The SDK found none, or could not get them: no call was sent to AWS.
_NONE = frozenset({"NoAuthTokenError", "NoCredentialsError", "PartialCredentialsError"})
# AWS also answers so in an opt-in region that the account has not enabled.
# Source: AWS Account Management guide, "Enable or disable AWS Regions in your account".
_UNKNOWN = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})
_CLOCK = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})


def explain_credentials(code: str, *, was_answered: bool) -> Message:
    """What is wrong with the credentials, and the remedy.

    `code`: AWS's, or the SDK's name of the error. `was_answered`: whether AWS answered the call.
    """
    if code in _CLOCK:
        clock = in_aws("correct the clock of the operator's node")
        return tell("AWS takes the operator's requests for expired", clock)
    if code in _EXPIRED:
        problem = "the operator's AWS credentials have expired"
    elif code in _NONE:
        problem = "the operator has no AWS credentials"
    elif was_answered:
        problem = f"AWS refuses the operator's credentials ({code})"
    else:
        problem = "the operator can't get its AWS credentials"
    renew = in_aws(
        "renew the IAM role, web identity or keys of the operator's Pod: it then goes on by itself"
    )
    if code in _UNKNOWN:
        return tell(problem, in_aws("enable the region in the account where it is off"), renew)
    return tell(problem, renew)
