"""SageMaker Distribution images: which one a space gets that names none, or only a version."""

from __future__ import annotations

import re

from studio_operator.kinds.space.api.parts import Image
from studio_operator.kinds.space.in_aws.observed import ImageRef

# Owners of the Distribution images by region: Amazon SageMaker Developer Guide, page
# "notebooks-available-images", column "SageMaker Distribution Image ARN Format". Strings, since
# some begin with 0. GovCloud and China are not in that table: an explicit ARN is needed there.
DISTRIBUTION_ACCOUNTS = {
    "us-east-1": "885854791233",
    "us-east-2": "137914896644",
    "us-west-1": "053634841547",
    "us-west-2": "542918446943",
    "af-south-1": "238384257742",
    "ap-east-1": "523751269255",
    "ap-south-1": "245090515133",
    "ap-northeast-1": "010972774902",
    "ap-northeast-2": "064688005998",
    "ap-northeast-3": "564864627153",
    "ap-southeast-1": "022667117163",
    "ap-southeast-2": "648430277019",
    "ap-southeast-3": "370607712162",
    "ca-central-1": "481561238223",
    "eu-central-1": "545423591354",
    "eu-west-1": "819792524951",
    "eu-west-2": "021081402939",
    "eu-west-3": "856416204555",
    "eu-north-1": "175620155138",
    "eu-south-1": "810671768855",
    "sa-east-1": "567556641782",
    "me-south-1": "523774347010",
    "me-central-1": "358593528301",
}

# EC2's accelerated families that Studio offers: P and G instances.
_GPU = re.compile(r"^ml\.[pg]\d")
_DISTRIBUTION = re.compile(r":image/sagemaker-distribution-(cpu|gpu)$")
_OWNED_DISTRIBUTION = re.compile(r":(\d{12}):image/sagemaker-distribution-(?:cpu|gpu)$")


def has_gpu(instance_type: str) -> bool:
    """Whether the instance type carries GPUs: "ml.g5.xlarge" does, "ml.m5.large" does not."""
    return _GPU.match(instance_type) is not None


def distribution_arn(region: str, instance_type: str) -> str | None:
    """ARN of the region's SageMaker Distribution, cpu or gpu; None where it is not published."""
    account = DISTRIBUTION_ACCOUNTS.get(region)
    if account is None:
        return None
    variant = "gpu" if has_gpu(instance_type) else "cpu"
    return f"arn:aws:sagemaker:{region}:{account}:image/sagemaker-distribution-{variant}"


def distribution_version(image: ImageRef) -> str | None:
    """The version of SageMaker Distribution, such as "1.12"; None for others, and where unknown."""
    owned = _OWNED_DISTRIBUTION.search(image.image_arn or "")
    if owned is None or owned.group(1) not in DISTRIBUTION_ACCOUNTS.values():
        return None
    return image.version_alias


def is_distribution(arn: str) -> bool:
    """Whether an image is SageMaker Distribution, AWS's own, or a version of it."""
    head, version, name = arn.partition(":image-version/")
    owned = _OWNED_DISTRIBUTION.search(f"{head}:image/{name.partition('/')[0]}" if version else arn)
    return owned is not None and owned.group(1) in DISTRIBUTION_ACCOUNTS.values()


def resolve_image(
    image: Image | None, region: str, instance_type: str, present: ImageRef
) -> ImageRef | None:
    """The image a space is to have; None where a Distribution is wanted and the region has none.

    A new space without an image gets no version either: AWS takes the newest (`latest` is no alias
    that SageMaker's API admits). Later it keeps the image it has, but for a Distribution whose
    variant does not fit the instance type: the cpu image runs on a GPU instance, without CUDA.
    """
    if image is not None and image.image_arn is not None:
        return ImageRef(image.image_arn, image.version_alias, image.version_arn)
    arn = distribution_arn(region, instance_type)
    if image is not None:
        return None if arn is None else ImageRef(arn, image.distribution)
    if present.image_arn is None:
        return None if arn is None else ImageRef(arn)
    if arn is None or not _DISTRIBUTION.search(present.image_arn) or present.image_arn == arn:
        return present
    return ImageRef(arn, present.version_alias)
