"""The instance types that this version of the AWS SDK knows."""

from __future__ import annotations

from functools import cache

from studio_operator.aws.clients import model_loader


@cache
def known_instance_types() -> frozenset[str]:
    """The values of AppInstanceType in botocore's model, `system` included.

    AWS adds types more often than SDKs are released: an unknown one deserves a warning, no refusal.
    The enum does not say what is sold in which region.
    """
    model = model_loader().load_service_model("sagemaker", "service-2")
    return frozenset(model["shapes"]["AppInstanceType"]["enum"])
