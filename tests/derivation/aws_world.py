"""A small organisation as AWS's JSON: what the tests of the derivation change."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collector.snapshot import Snapshot
from graph.derive import Derivation, derive
from graph.records import Relationship
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, line, write_snapshot

Json = dict[str, Any]
PROD = ACCOUNT
DEV = "444455556666"
VENDOR = "999988887777"
ORG = "o-abcdefghij"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def doc(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trusting(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


EC2 = trusting({"Service": "ec2.amazonaws.com"})
LAMBDA = trusting({"Service": "lambda.amazonaws.com"})


def iam(kind: str, name: str, account: str = PROD) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


@dataclass
class World:
    """Lines by file and id; tests add, change and remove some, then derive."""

    lines: dict[tuple[str, str, str], dict[str, Json]] = field(default_factory=dict)
    lab: Lab = field(default_factory=Lab)
    refused: set[tuple[str, str]] = field(default_factory=set)

    def add(
        self,
        type_id: str,
        node: str,
        item: Json,
        *,
        account: str = PROD,
        region: str = "global",
        **calls: Any,
    ) -> str:
        rows = self.lines.setdefault((account, region, type_id), {})
        rows[node] = line(node, item, **calls)
        return node

    def item(self, node: str) -> Json:
        (found,) = [rows[node] for rows in self.lines.values() if node in rows]
        item: Json = found["item"]
        return item

    def refuse(self, account: str, type_id: str) -> None:
        """The type was not collected in the account, and the ledger says so."""
        self.refused.add((account, type_id))
        for key in [key for key in self.lines if key[0] == account and key[2] == type_id]:
            del self.lines[key]

    def user(self, name: str, *statements: Json, account: str = PROD, **more: Any) -> str:
        arn = iam("user", name, account)
        item = {
            "Arn": arn,
            "UserName": name,
            "UserId": f"AIDA{name.upper()}",
            "Path": "/",
            "GroupList": [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": doc(*statements)}],
            "AttachedManagedPolicies": [],
        }
        if not statements:
            item["UserPolicyList"] = []
        return self.add("iam:user", arn, item | more, account=account)

    def role(
        self, name: str, trust: list[Json], *statements: Json, account: str = PROD, **more: Any
    ) -> str:
        arn = iam("role", name, account)
        item = {
            "Arn": arn,
            "RoleName": name,
            "RoleId": f"AROA{name.upper()}",
            "Path": "/",
            "AssumeRolePolicyDocument": doc(*trust),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": doc(*statements)}],
            "AttachedManagedPolicies": [],
            "InstanceProfileList": [],
        }
        if not statements:
            item["RolePolicyList"] = []
        return self.add("iam:role", arn, item | more, account=account)

    def profile(self, name: str, *roles: str, account: str = PROD) -> str:
        arn = iam("instance-profile", name, account)
        held = [{"Arn": role, "RoleName": role.rpartition("/")[2]} for role in roles]
        item = {"Arn": arn, "InstanceProfileName": name, "Roles": held}
        return self.add("iam:instance-profile", arn, item, account=account)

    def instance(self, name: str, profile: str, state: str = "running", **more: Any) -> str:
        arn = f"arn:aws:ec2:{REGION}:{PROD}:instance/{name}"
        item = {
            "InstanceId": name,
            "State": {"Name": state},
            "IamInstanceProfile": {"Arn": profile},
            "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required"},
        }
        return self.add("ec2:instance", arn, item | more, region=REGION)

    def bucket(self, name: str, *statements: Json, account: str = PROD) -> str:
        calls = (
            {"get_bucket_policy": {"Policy": json.dumps(doc(*statements))}} if statements else {}
        )
        none_blocked = {
            "PublicAccessBlockConfiguration": dict.fromkeys(
                (
                    "BlockPublicAcls",
                    "IgnorePublicAcls",
                    "BlockPublicPolicy",
                    "RestrictPublicBuckets",
                ),
                False,
            )
        }
        self.add(
            "s3:account-bpa", account, {}, account=account, get_public_access_block=none_blocked
        )
        return self.add(
            "s3:bucket",
            f"arn:aws:s3:::{name}",
            {"Name": name},
            account=account,
            get_bucket_acl={"Owner": {"ID": "own"}, "Grants": []},
            get_public_access_block=none_blocked,
            **calls,
        )

    def organisation(self, **accounts: str) -> None:
        """An organisation without SCPs, whose management account is the first."""
        first = next(iter(accounts.values()))
        base = f"arn:aws:organizations::{first}"
        arn = f"{base}:organization/{ORG}"
        body = {"Id": ORG, "Arn": arn, "MasterAccountId": first, "FeatureSet": "ALL"}
        answer = {"Organization": body}
        self.add("org:organization", first, {}, account=first, describe_organization=answer)
        root = {"Id": "r-1", "Name": "Root", "PolicyTypes": []}
        listed = [{"Id": account} for account in accounts.values()]
        self.add(
            "org:root",
            f"{base}:root/{ORG}/r-1",
            root,
            account=first,
            list_organizational_units_for_parent=[],
            list_accounts_for_parent=listed,
        )
        for name, account in accounts.items():
            arn = f"{base}:account/{ORG}/{account}"
            item = {"Id": account, "Name": name, "Arn": arn, "Status": "ACTIVE"}
            parents = [{"Id": "r-1", "Type": "ROOT"}]
            self.add("org:account", arn, item, account=first, list_parents=parents)

    def twin(self) -> World:
        return copy.deepcopy(self)

    def rows(self) -> dict[tuple[str, str, str], list[Json]]:
        """Every line by file, those of the network among them."""
        merged: dict[tuple[str, str, str], dict[str, Json]] = {}
        for source in (self.lab.lines, self.lines):
            for key, found in source.items():
                merged.setdefault(key, {}).update({row["id"]: row for row in found.values()})
        return {key: list(found.values()) for key, found in merged.items()}

    def ledger(self) -> list[Json]:
        accounts = sorted({key[0] for key in self.rows()})
        found = [*self.lab.ledger()]
        for account in accounts:
            for type_id in (
                "iam:user",
                "iam:group",
                "iam:role",
                "iam:policy",
                "iam:instance-profile",
            ):
                refused = (account, type_id) in self.refused
                found.append(
                    {
                        "account_id": account,
                        "region": "global",
                        "service": "iam",
                        "operation": f"list_{type_id.partition(':')[2]}",
                        "type": type_id,
                        "status": "denied" if refused else "ok",
                    }
                )
        return found

    def write(self, folder: Path) -> Snapshot:
        return write_snapshot(folder, self.rows(), self.ledger())

    def derive(self, folder: Path) -> Derivation:
        return derive(self.write(folder))


Derive = Callable[[World], Derivation]


def walked(
    derivation: Derivation, kind: str, start: str | None = None, end: str | None = None
) -> list[Relationship]:
    """Relationships of a type, between two nodes if they are given."""
    return [
        one
        for one in derivation.relationships
        if one.type == kind and start in (None, one.start) and end in (None, one.end)
    ]


def verdicts(derivation: Derivation, kind: str) -> dict[tuple[str, str], str]:
    """The verdict of every relationship of a type, by its ends."""
    return {(one.start, one.end): str(one.props["verdict"]) for one in walked(derivation, kind)}
