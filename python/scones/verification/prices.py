"""What the instances cost an hour, where the Price List API answers. It has no say in the result.

The API is in few regions; https://docs.aws.amazon.com/general/latest/gr/billing.html lists them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from scones.aws import Account
from scones.json_object import JsonObject
from scones.verification.finding import Finding, ask, ok, unknown

REGION = "us-east-1"  # where the API is asked, not the region whose prices are asked for
# What a price's usage type holds, by the use in the name of a quota.
USAGES = {"endpoint": "Host:", "processing": "Processing:", "spot": "Train:", "training": "Train:"}


def client(account: Account) -> Any:
    return account.session.client("pricing", region_name=REGION)


def check(quotas: Mapping[str, int], region: str, pricing: Any) -> list[Finding]:
    """The price of an instance hour in `region`, for each quota; `pricing` is the API's client."""
    findings = []
    for name in quotas:
        findings += ask("price", "pricing:GetProducts", partial(_one, name, region, pricing))
    return findings


def _one(quota: str, region: str, pricing: Any) -> Iterator[Finding]:
    instance, _, use = quota.partition(" for ")
    kind = use.split()[0]
    filters = {"regionCode": region, "instanceName": instance}
    pages = pricing.get_paginator("get_products")
    found = {}
    for page in pages.paginate(
        ServiceCode="AmazonSageMaker",
        Filters=[
            {"Type": "TERM_MATCH", "Field": field, "Value": value}
            for field, value in filters.items()
        ],
    ):
        for product in map(json.loads, page["PriceList"]):
            usage = product["product"]["attributes"].get("usagetype", "")
            if f"{USAGES[kind]}{instance}" in usage:
                found[usage] = _hourly(product)
    if not found:
        yield unknown("price", f"{quota}: the price list has none for {region}")
    for usage, dollars in found.items():
        remark = ", before the discount for spot capacity" if kind == "spot" else ""
        yield ok("price", f"{usage}: ${dollars:g} an hour{remark}")


def _hourly(product: JsonObject) -> float:
    (terms,) = product["terms"]["OnDemand"].values()
    (price,) = terms["priceDimensions"].values()
    return float(price["pricePerUnit"]["USD"])
