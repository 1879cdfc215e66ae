"""Products of AWS's price list in the shape of its answers, made as small as a case allows."""

from __future__ import annotations

import json
from collections.abc import Mapping

PREFIXES = {"us-east-1": "USE1", "eu-central-1": "EUC1", "cn-north-1": "CNN1"}


def price_row(
    attributes: Mapping[str, str], amount: str, *, unit: str = "Hrs", currency: str = "USD"
) -> str:
    """One product with one price, as a text of `PriceList`."""
    sku = "7Y4VXQ2Q9J8ZB3KD"
    term, dimension = f"{sku}.JRTCKXETXF", f"{sku}.JRTCKXETXF.6YS6EN2CT7"
    price = {
        "rateCode": dimension,
        "appliesTo": [],
        "beginRange": "0",
        "endRange": "Inf",
        "unit": unit,
        "description": f"{currency} {amount} per {unit}",
        "pricePerUnit": {currency: amount},
    }
    return json.dumps(
        {
            "product": {
                "productFamily": "ML Instance",
                "attributes": {"servicecode": "AmazonSageMaker", **attributes},
                "sku": sku,
            },
            "serviceCode": "AmazonSageMaker",
            "terms": {
                "OnDemand": {
                    term: {
                        "sku": sku,
                        "offerTermCode": "JRTCKXETXF",
                        "effectiveDate": "2026-09-01T00:00:00Z",
                        "priceDimensions": {dimension: price},
                        "termAttributes": {},
                    }
                }
            },
            "version": "20260924215037",
            "publicationDate": "2026-09-24T21:50:37Z",
        }
    )


def app_row(
    instance_type: str, amount: str, *, region: str = "us-east-1", currency: str = "USD"
) -> str:
    """An hour of an app in a space."""
    attributes = {
        "regionCode": region,
        "instanceName": instance_type,
        "platoinstancetype": "Studio-JupyterLab",
        "usagetype": f"{PREFIXES[region]}-Studio:JupyterLab-{instance_type}",
    }
    return price_row(attributes, amount, currency=currency)


def volume_row(
    amount: str, *, region: str = "us-east-1", usage: str = "", unit: str = "GB-Mo"
) -> str:
    """A GB and month of a volume, that of spaces unless `usage` says otherwise."""
    usage = usage or f"{PREFIXES[region]}-Studio:VolumeUsage.gp3"
    return price_row({"regionCode": region, "usagetype": usage}, amount, unit=unit)
