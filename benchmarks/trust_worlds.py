"""Synthetic organisations whose accounts trust each other as organisations do, as snapshots.

Every account has a hundred roles, those of :func:`roles_of` and roles of services with a policy
of their own. Deterministic: the same size gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ROLES, USERS, BUCKETS = 100, 5, 4
DATADOG, NOBODY = "464622532012", "999988887777"
MANAGEMENT, IDENTITY, TOOLING, SECURITY = range(4)
"""The first accounts have these parts; the rest run applications."""
_HOST = "token.actions.githubusercontent.com"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ORGANIZATION = "o-bench00001"


def account_id(number: int) -> str:
    """Twelve digits."""
    return f"1{number:011d}"


def arn(number: int, kind: str, name: str) -> str:
    """An ARN of IAM."""
    return f"arn:aws:iam::{account_id(number)}:{kind}/{name}"


def write(folder: Path, accounts: int, *, dense: bool = False, roles: int = ROLES) -> Path:
    """Write an organisation's snapshot.

    Args:
        folder: gets it.
        accounts: how many; at least the four with a part of their own.
        dense: every role trusts every account, and everybody may assume every role.
        roles: how many each account has.
    """
    files = {}
    for number in range(accounts):
        for type_id, region, lines in _lines(number, accounts, dense, roles):
            service, name = type_id.split(":")
            file = f"accounts/{account_id(number)}/{region}/{service}/{name}.jsonl"
            files[file] = _write(folder / file, sorted(lines, key=lambda line: line["id"]))
    (folder / "coverage.jsonl").write_text("", encoding="utf-8")
    listed = [{"id": account_id(n), "name": name_of(n)} for n in range(accounts)]
    manifest = {
        "format": 1,
        "id": f"trusts-{accounts}",
        "tool_version": "0",
        "started": "2026-11-22T00:00:00Z",
        "finished": "2026-11-22T00:00:01Z",
        "accounts": listed,
        "regions": ["eu-west-1"],
        "scope": {},
        "callers": {},
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def name_of(number: int) -> str:
    """An account's name."""
    parts = ("management", "identity", "tooling", "security")
    return parts[number] if number < len(parts) else f"app-{number}"


def _write(path: Path, lines: Iterable[Json]) -> str:
    text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(
    number: int, accounts: int, dense: bool, roles: int
) -> Iterator[tuple[str, str, list[Json]]]:
    made = _dense(number, accounts, roles) if dense else roles_of(number, accounts)
    made += [_service(number, n) for n in range(roles - len(made))] if not dense else []
    yield "iam:role", "global", [_line(role["Arn"], role) for role in made]
    yield "iam:user", "global", [_line(u["Arn"], u) for u in _users(number)]
    yield "iam:group", "global", []
    yield "iam:policy", "global", [_line(ADMIN, _administrator())]
    yield "s3:bucket", "global", [_bucket(number, n) for n in range(BUCKETS)]
    if number % 4 == 0:
        provider = f"arn:aws:iam::{account_id(number)}:oidc-provider/{_HOST}"
        value = {"Url": _HOST, "ClientIDList": ["sts.amazonaws.com"]}
        call = {"get_open_id_connect_provider": {"status": "ok", "value": value}}
        yield (
            "iam:oidc-provider",
            "global",
            [{"id": provider, "item": {"Arn": provider}, "calls": call}],
        )
    if number == MANAGEMENT:
        yield "org:organization", "global", [_organisation()]
        rows = (
            {"Id": account_id(n), "Name": name_of(n), "Status": "ACTIVE"} for n in range(accounts)
        )
        yield "org:account", "global", [_line(row["Id"], row) for row in rows]


def roles_of(number: int, accounts: int) -> list[Json]:
    """The roles of an account that somebody elsewhere may assume."""
    root = f"arn:aws:iam::{account_id(MANAGEMENT)}:root"
    following = (number + 1) % accounts
    onward = _assumes("arn:aws:iam::*:role/reports")
    found = [
        _role(number, "OrganizationAccountAccessRole", _trust(root), admin=True),
        _role(
            number,
            "break-glass",
            _trust(*(arn(IDENTITY, "user", f"user-{n}") for n in range(3))),
            admin=True,
        ),
        _role(number, "deploy", _trust(arn(TOOLING, "role", "ci-runner")), admin=True),
        _role(number, "audit", _trust(arn(SECURITY, "role", "auditor")), _reads(number)),
        _role(number, "reports", _trust(arn(following, "role", "app-0")), _reads(number)),
        _role(number, "relay", _trust(f"arn:aws:iam::{account_id(following)}:root"), onward),
        _role(number, "app-0", _of_service("ec2"), _assumes("arn:aws:iam::*:role/reports")),
    ]
    if number % 3 == 0:
        asked = {} if number % 30 == 0 else {"StringEquals": {"sts:ExternalId": f"id-{number}"}}
        found.append(_role(number, "datadog", _trust(DATADOG, **asked), _reads(number)))
    if number % 4 == 0:
        subject = "repo:acme/*" if number % 8 else "repo:acme/shop:ref:refs/heads/main"
        found.append(
            _role(
                number,
                "github",
                _github(number, subject),
                _assumes(arn(TOOLING, "role", "ci-runner")),
            )
        )
    if number % 10 == 0:
        found.append(_role(number, "pipeline", _of_service("codebuild"), _assumes("*")))
    if number % 25 == 1:
        found.append(
            _role(number, "partner", _trust(NOBODY), _assumes(arn(number, "role", "app-0")))
        )
    if number == TOOLING:
        able = [arn(n, "role", "pipeline") for n in range(0, accounts, 10)]
        able += [arn(n, "role", "github") for n in range(0, accounts, 16)]
        found.append(
            _role(number, "ci-runner", _trust(*able), _assumes("arn:aws:iam::*:role/deploy"))
        )
    if number == SECURITY:
        found.append(
            _role(number, "auditor", _of_service("lambda"), _assumes("arn:aws:iam::*:role/audit"))
        )
    return found


def _dense(number: int, accounts: int, roles: int) -> list[Json]:
    everyone = [f"arn:aws:iam::{account_id(n)}:root" for n in range(accounts)]
    return [
        _role(number, f"dense-{n}", _trust(*everyone), _assumes("*"), admin=n == 0)
        for n in range(roles)
    ]


def _service(number: int, n: int) -> Json:
    service = ("lambda", "ec2", "ecs-tasks", "states")[n % 4]
    return _role(number, f"service-{n}", _of_service(service), _reads(number, n % BUCKETS))


def _users(number: int) -> list[Json]:
    count = USERS if number in (MANAGEMENT, IDENTITY) else 0
    return [
        {
            "Arn": arn(number, "user", f"user-{n}"),
            "UserName": f"user-{n}",
            "UserId": f"AIDA{number:06d}{n:02d}",
            "Path": "/",
            "CreateDate": "2026-01-01T00:00:00Z",
            "GroupList": [],
            "AttachedManagedPolicies": [],
            "UserPolicyList": [_assumes("*")],
            "Tags": [],
        }
        for n in range(count)
    ]


def _role(number: int, name: str, trust: Json, *policies: Json, admin: bool = False) -> Json:
    attached = [{"PolicyArn": ADMIN, "PolicyName": "AdministratorAccess"}] if admin else []
    return {
        "Arn": arn(number, "role", name),
        "RoleName": name,
        "RoleId": "AROA" + hashlib.sha256(f"{number}/{name}".encode()).hexdigest()[:16].upper(),
        "Path": "/",
        "CreateDate": "2026-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": trust,
        "AttachedManagedPolicies": attached,
        "RolePolicyList": list(policies),
        "InstanceProfileList": [],
        "RoleLastUsed": {},
        "Tags": [],
    }


def _trust(*principals: str, **conditions: Json) -> Json:
    row: Json = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": list(principals)},
    }
    return _document(row | ({"Condition": conditions} if conditions else {}))


def _of_service(service: str) -> Json:
    principal = {"Service": f"{service}.amazonaws.com"}
    return _document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})


def _github(number: int, subject: str) -> Json:
    provider = f"arn:aws:iam::{account_id(number)}:oidc-provider/{_HOST}"
    return _document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": provider},
            "Condition": {
                "StringEquals": {f"{_HOST}:aud": "sts.amazonaws.com"},
                "StringLike": {f"{_HOST}:sub": subject},
            },
        }
    )


def _assumes(resource: str) -> Json:
    row = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}
    return {"PolicyName": "assume", "PolicyDocument": _document(row)}


def _reads(number: int, bucket: int = 0) -> Json:
    name = f"arn:aws:s3:::bench-{account_id(number)}-{bucket}"
    row = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [name, f"{name}/*"],
    }
    return {"PolicyName": "read", "PolicyDocument": _document(row)}


def _document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _administrator() -> Json:
    row = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": _document(row)}
    return {
        "Arn": ADMIN,
        "PolicyName": "AdministratorAccess",
        "PolicyId": "ANPA1",
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "IsAttachable": True,
        "PolicyVersionList": [version],
    }


def _bucket(number: int, n: int) -> Json:
    name = f"bench-{account_id(number)}-{n}"
    calls = {"get_bucket_policy": {"status": "absent", "error": "NoSuchBucketPolicy"}}
    return {"id": f"arn:aws:s3:::{name}", "item": {"Name": name}, "calls": calls}


def _organisation() -> Json:
    value = {
        "Organization": {
            "Id": ORGANIZATION,
            "MasterAccountId": account_id(MANAGEMENT),
            "FeatureSet": "ALL",
        }
    }
    call = {"describe_organization": {"status": "ok", "value": value}}
    return {"id": account_id(MANAGEMENT), "item": {}, "calls": call}


def _line(line_id: str, item: Json) -> Json:
    return {"id": line_id, "item": item, "calls": {}}
