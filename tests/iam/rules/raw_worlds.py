"""Worlds from recorded answers of AWS, through ``import raw``: what federation's tests ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collector.raw import import_raw
from collector.snapshot import Snapshot
from graph.iam.assume import assume_answers
from graph.iam.from_snapshot import from_snapshot
from graph.iam.world import IamWorld
from tests.iam.worlds import A, doc

REGION = "eu-west-1"
APP = f"arn:aws:iam::{A}:role/app"
CLUSTER = f"arn:aws:eks:{REGION}:{A}:cluster/prod"
ISSUER = f"oidc.eks.{REGION}.amazonaws.com/id/AAAABBBBCCCCDDDD"
_KEY = b"0123456789abcdef0123456789abcdef"

Answers = dict[tuple[str, str], Any]
"""(``global`` or a region, ``service.operation[.id]``) -> what the AWS CLI prints."""

NOTHING: Answers = {
    ("global", "iam.list_open_id_connect_providers"): {"OpenIDConnectProviderList": []},
    ("global", "iam.list_saml_providers"): {"SAMLProviderList": []},
    (REGION, "cognito-identity.list_identity_pools"): {"IdentityPools": []},
    (REGION, "rolesanywhere.list_trust_anchors"): {"trustAnchors": []},
    (REGION, "rolesanywhere.list_profiles"): {"profiles": []},
    (REGION, "eks.list_clusters"): {"clusters": []},
    (REGION, "sso-admin.list_instances"): {"Instances": []},
}
"""An account that was asked for everything and has nothing."""


def cluster(**described: Any) -> Answers:
    """An EKS cluster whose issuer is :data:`ISSUER`, without pod identity associations."""
    url = {"identity": {"oidc": {"issuer": f"https://{ISSUER}"}}}
    return {
        (REGION, "eks.list_clusters"): {"clusters": ["prod"]},
        (REGION, "eks.describe_cluster.prod"): {"cluster": {"name": "prod", **url, **described}},
        (REGION, "eks.list_pod_identity_associations.prod"): {"associations": []},
    }


def details(*roles: Mapping[str, Any], **more: Any) -> Answers:
    """Account details with these roles."""
    rows = {"UserDetailList": [], "GroupDetailList": [], "Policies": [], **more}
    answer = {**rows, "RoleDetailList": list(roles)}
    return {("global", "iam.get_account_authorization_details"): answer}


def role_detail(*trust: Mapping[str, Any], arn: str = APP, **more: Any) -> dict[str, Any]:
    """A role as ``GetAccountAuthorizationDetails`` gives one."""
    path, _, name = arn.partition(":role")[2].rpartition("/")
    return {
        "Arn": arn,
        "RoleName": name,
        "RoleId": f"AROA{name.upper():0<17}"[:21],
        "Path": f"{path}/",
        "AssumeRolePolicyDocument": doc(*trust),
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "InstanceProfileList": [],
        "Tags": [],
        **more,
    }


def trusting(
    principal: Mapping[str, Any], action: str | list[str], **condition: Any
) -> dict[str, Any]:
    """A statement of a trust policy; ``condition`` by operator."""
    found = {"Effect": "Allow", "Principal": dict(principal), "Action": action}
    return found | ({"Condition": condition} if condition else {})


def imported(folder: Path, *parts: Answers) -> tuple[IamWorld, Snapshot]:
    """The world that an import of these answers makes; later parts win."""
    for part in parts:
        for (place, name), answer in part.items():
            path = folder / "raw" / A / place / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(answer), encoding="utf-8")
    import_raw(folder / "raw", folder / "snapshot", redaction_key=_KEY)
    snapshot = Snapshot.open(folder / "snapshot")
    return from_snapshot(snapshot), snapshot


def assumers(folder: Path, *parts: Answers, of: str = APP) -> dict[str, tuple[str, str]]:
    """Who may assume a role: source -> kind and verdict, :data:`NOTHING` else being there."""
    here, _ = imported(folder, NOTHING, *parts)
    return {row.source: (row.kind, str(row.answer.verdict)) for row in assume_answers(here, of)}
