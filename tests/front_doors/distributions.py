"""CloudFront distributions as AWS lists them: what the tests change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from front_doors.door_lab import one
from graph.network.reach import Reach
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION

DIST = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
BUCKET = "arn:aws:s3:::site"
S3_HOST = f"site.s3.{REGION}.amazonaws.com"
LB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/0123456789abcdef"
GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/0123456789abcdef"
LB_HOST = f"web-1.{REGION}.elb.amazonaws.com"
V4 = "cloudfront/ipv4"
Json = dict[str, Any]


def behaviour(origin: str = "main", **more: Any) -> Json:
    usual = {
        "TargetOriginId": origin,
        "ViewerProtocolPolicy": "redirect-to-https",
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
    }
    return usual | more


SIGNED = {"TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": ["k"]}}


def origin(host: str = S3_HOST, **more: Any) -> Json:
    return {"Id": "main", "DomainName": host, "CustomHeaders": {"Quantity": 0}} | more


def s3_origin(control: str = "OAC1", identity: str = "", host: str = S3_HOST) -> Json:
    config = {"OriginAccessIdentity": identity}
    return origin(host, OriginAccessControlId=control, S3OriginConfig=config)


def custom(host: str = LB_HOST, protocol: str = "https-only", **more: Any) -> Json:
    config = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": protocol}
    return origin(host, CustomOriginConfig=config, **more)


def distribution(
    lab: Lab | None = None, *origins: Json, calls: Json | None = None, **more: Any
) -> Lab:
    lab = lab or Lab()
    listed = list(origins) or [origin("elsewhere.example.net")]
    item = {
        "Id": "E1",
        "ARN": DIST,
        "DomainName": "d111.cloudfront.net",
        "Enabled": True,
        "Aliases": {"Quantity": 1, "Items": ["www.example.com"]},
        "Origins": {"Quantity": len(listed), "Items": listed},
        "DefaultCacheBehavior": behaviour(),
        "CacheBehaviors": {"Quantity": 0},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "HttpVersion": "http2",
        "IsIPV6Enabled": False,
    }
    lab.add("cloudfront:distribution", "E1", DIST, item | more, **(calls or {}))
    return lab


def behind(lab: Lab, folder: Path, target: str) -> Reach:
    return one(lab, folder, target, V4)
