"""Which account owns the SageMaker Distribution images in which region.

The Developer Guide's page on available images lists them. They are strings, since some begin with
a zero. GovCloud and China are not in that table; there any account is taken to be right.
"""

from __future__ import annotations

import re

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

DISTRIBUTION_NAMES = {"sagemaker-distribution-cpu", "sagemaker-distribution-gpu"}

IMAGE_ARN = re.compile(
    r"arn:aws[a-z-]*:sagemaker:(?P<region>[^:]+):(?P<account>\d{12}):image/(?P<name>.+)"
)


def distribution_image(partition: str, region: str, *, gpu: bool = False) -> str | None:
    """Return the ARN of the region's SageMaker Distribution image, where it is known."""
    account = DISTRIBUTION_ACCOUNTS.get(region)
    if account is None:
        return None
    name = f"sagemaker-distribution-{'gpu' if gpu else 'cpu'}"
    return f"arn:{partition}:sagemaker:{region}:{account}:image/{name}"


def fault_of(image_arn: str, region: str, account: str) -> str | None:
    """Return why an app with this image cannot start, or None.

    AWS finds a wrong account or region only when the app starts. The account's own images are
    taken to exist; any other account must be the one that owns the Distribution images.
    """
    match = IMAGE_ARN.fullmatch(image_arn)
    if match is None:
        return f"Image [{image_arn}] is not valid."
    if match["region"] != region:
        return f"Image [{image_arn}] is not in region {region}."
    if match["account"] == account or region not in DISTRIBUTION_ACCOUNTS:
        return None
    owner = DISTRIBUTION_ACCOUNTS[region]
    if match["account"] != owner or match["name"] not in DISTRIBUTION_NAMES:
        return f"Image [{image_arn}] does not exist or you do not have access to it."
    return None
