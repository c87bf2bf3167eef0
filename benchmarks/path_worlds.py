"""Synthetic organisations with exposed machines, roles on them and trust between accounts.

The accounts of ``trust_worlds.py`` with four VPCs each of ``network_worlds.py``: every web server
carries a role, every seventh account's may pass a role with admin rights to a function.
Deterministic: the same size gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trust_worlds
from network_snapshot import write_snapshot
from network_worlds import organisation

Json = dict[str, Any]
INTERFACES = 40
"""Of one VPC."""
VPCS = 4
"""Of one account; the management account has none."""
_PASSES = {
    "PolicyName": "deploys",
    "PolicyDocument": {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
            "Resource": "*",
        },
    },
}


def write(folder: Path, accounts: int) -> Path:
    """Write an organisation's snapshot.

    Args:
        folder: gets it.
        accounts: how many; at least four.
    """
    trust_worlds.write(folder, accounts)
    whole = _manifest(folder)
    facts = organisation((accounts - 1) * VPCS * INTERFACES, sizes=(INTERFACES,))
    write_snapshot(facts, folder)
    network = _manifest(folder)
    whole["files"] |= network["files"]
    whole["regions"] = sorted({*whole["regions"], *network["regions"]})
    for number in range(1, accounts):
        account = trust_worlds.account_id(number)
        home = f"accounts/{account}/global/iam"
        profile = f"arn:aws:iam::{account}:instance-profile/web"
        for name in [n for n in whole["files"] if n.startswith(f"accounts/{account}/")]:
            if name.endswith("/ec2/instance.jsonl"):
                whole["files"][name] = _changed(folder / name, lambda line, p=profile: _on(line, p))
        made = _roles(number, account)
        whole["files"][f"{home}/role.jsonl"] = _added(folder / home / "role.jsonl", made)
        lines = [{"id": profile, "item": _profile(profile, made[0]["item"]), "calls": {}}]
        file = f"{home}/instance-profile.jsonl"
        whole["files"][file] = _added(folder / file, lines)
    whole["id"] = f"paths-{accounts}"
    (folder / "manifest.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


def _manifest(folder: Path) -> Json:
    found: Json = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def _roles(number: int, account: str) -> list[Json]:
    """The machines' role, and one that functions have."""
    assumes = {
        "PolicyName": "assumes",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Resource": "arn:aws:iam::*:role/reports",
            },
        },
    }
    found = [
        _role(account, "web", "ec2", [_PASSES] if number % 7 == 3 else [assumes], admin=False),
        _role(account, "automation", "lambda", [], admin=True),
    ]
    return [{"id": role["Arn"], "item": role, "calls": {}} for role in found]


def _role(account: str, name: str, service: str, policies: list[Json], *, admin: bool) -> Json:
    attached = {"PolicyArn": trust_worlds.ADMIN, "PolicyName": "AdministratorAccess"}
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
    return {
        "Arn": f"arn:aws:iam::{account}:role/{name}",
        "RoleName": name,
        "RoleId": "AROA" + hashlib.sha256(f"{account}{name}".encode()).hexdigest()[:16].upper(),
        "Path": "/",
        "CreateDate": "2026-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": trust,
        "AttachedManagedPolicies": [attached] if admin else [],
        "RolePolicyList": policies,
        "InstanceProfileList": [],
        "RoleLastUsed": {},
        "Tags": [],
    }


def _profile(arn: str, role: Json) -> Json:
    name = arn.rpartition("/")[2]
    return {"Arn": arn, "InstanceProfileName": name, "Roles": [role]}


def _on(line: Json, profile: str) -> Json:
    """An instance with the machines' role."""
    options = {"HttpTokens": "optional", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1}
    line["item"] |= {"IamInstanceProfile": {"Arn": profile}, "MetadataOptions": options}
    return line


def _changed(path: Path, change: Callable[[Json], Json]) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return _write(path, [change(json.loads(line)) for line in lines])


def _added(path: Path, more: list[Json]) -> str:
    known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = [*(json.loads(line) for line in known), *more]
    return _write(path, sorted(lines, key=lambda line: str(line["id"])))


def _write(path: Path, lines: list[Json]) -> str:
    text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()
