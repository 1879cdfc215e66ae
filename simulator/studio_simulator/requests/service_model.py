"""botocore's own descriptions of the services, loaded once."""

from __future__ import annotations

from functools import cache

import botocore.session
from botocore.model import OperationModel, ServiceModel


@cache
def service(name: str) -> ServiceModel:
    """Return botocore's model of a service; the first call reads several megabytes."""
    return botocore.session.get_session().get_service_model(name)


@cache
def operation(service_name: str, operation_name: str) -> OperationModel:
    """Return one operation's model."""
    return service(service_name).operation_model(operation_name)


@cache
def enum(service_name: str, shape: str) -> list[str]:
    """Return the values that a string may have."""
    values: list[str] = service(service_name).shape_for(shape).metadata["enum"]
    return values


@cache
def operation_names(service_name: str) -> frozenset[str]:
    """Return the names of all operations that a service has."""
    return frozenset(service(service_name).operation_names)
