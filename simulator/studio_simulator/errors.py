"""Errors as SageMaker answers them.

The model of the service declares four of them (ResourceInUse, ResourceNotFound,
ResourceLimitExceeded, ConflictException). ValidationException and ThrottlingException are not in
the model, and AWS returns them all the same, with HTTP status 400.
"""

from __future__ import annotations

SERVER_FAULTS = {"InternalFailure": 500, "InternalServerError": 500, "ServiceUnavailable": 503}


class ServiceError(Exception):
    """An answer other than success.

    Attributes:
        code: what clients match on, for example ``ResourceInUse``.
        message: for people.
        status: the HTTP status; 400 unless the code is a fault of the service itself.

    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status or SERVER_FAULTS.get(code, 400)


def validation(message: str) -> ServiceError:
    """Refuse the input, or the state the resource is in."""
    return ServiceError("ValidationException", message)


def not_found(what: str) -> ServiceError:
    """Answer for a resource that does not exist, where the operation declares the error."""
    return ServiceError("ResourceNotFound", f"{what} does not exist.")


def no_record(what: str) -> ServiceError:
    """Answer for a missing resource where the operation declares no ResourceNotFound.

    Terraform's provider takes a ValidationException that says RecordNotFound as "absent".
    """
    return validation(f"RecordNotFound: {what} does not exist.")


def in_use(message: str) -> ServiceError:
    """Refuse because something else stands in the way."""
    return ServiceError("ResourceInUse", message)


def limit_exceeded(message: str) -> ServiceError:
    """Refuse because a quota is used up."""
    return ServiceError("ResourceLimitExceeded", message)
