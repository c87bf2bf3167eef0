"""Cost of the IAM engine on synthetic accounts: parse, CAN_ASSUME of every role, HAS_ADMIN of all.

Usage: python benchmarks/bench_iam.py [ROLES ...]    (default 100 1000 10000)
       python benchmarks/bench_iam.py --file ACCOUNT_DETAILS.json

The generator gives the shape of GetAccountAuthorizationDetails: roles and a fifth as many users,
a few managed policies that most share, inline policies of which no two are alike, trusts on the
account, on single principals, on services, on another account and on an identity provider.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from graph.iam.account_details import AccountDetails, Row, principals
from graph.iam.admin import admin_answer
from graph.iam.assume import assume_answers
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.iam.world import Account, IamWorld

ACCOUNT = "111122223333"
ARN = f"arn:aws:iam::{ACCOUNT}:"
TEAMS = ("web", "data", "net", "sec", "ci")


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, target: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": target, **more}


SHARED = {
    f"{ARN}policy/reader": document(allow(["s3:Get*", "s3:List*", "ec2:Describe*"], "*")),
    f"{ARN}policy/admin": document(allow("*", "*")),
    f"{ARN}policy/no-iam": document({"Effect": "Deny", "Action": "iam:*", "Resource": "*"}),
    f"{ARN}policy/deploy": document(
        allow("iam:PassRole", f"{ARN}role/web-*"), allow("lambda:*", "*")
    ),
}


def trust(rng: random.Random, roles: list[str]) -> dict[str, Any]:
    kinds: list[tuple[dict[str, Any], str]] = [
        ({"Service": rng.choice(["ec2.amazonaws.com", "lambda.amazonaws.com"])}, "sts:AssumeRole"),
        ({"AWS": f"{ARN}root"}, "sts:AssumeRole"),
        ({"AWS": rng.sample(roles, min(3, len(roles)))}, "sts:AssumeRole"),
        ({"AWS": "arn:aws:iam::444455556666:root"}, "sts:AssumeRole"),
        (
            {"Federated": f"{ARN}oidc-provider/token.actions.githubusercontent.com"},
            "sts:AssumeRoleWithWebIdentity",
        ),
    ]
    principal, action = rng.choices(kinds, weights=[30, 25, 30, 10, 5])[0]
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if rng.random() < 0.1:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": "x"}}
    return document(statement)


def attached(rng: random.Random) -> list[dict[str, str]]:
    names = ["reader"]
    drawn = rng.random()
    if drawn < 0.2:
        names.append("admin" if drawn < 0.02 else "no-iam" if drawn < 0.05 else "deploy")
    return [{"PolicyName": name, "PolicyArn": f"{ARN}policy/{name}"} for name in names]


def inline(rng: random.Random, number: int, roles: list[str]) -> list[dict[str, Any]]:
    own = allow(
        ["s3:GetObject", "sqs:SendMessage"],
        [f"arn:aws:s3:::bucket-{number}/*", f"arn:aws:sqs:*:{ACCOUNT}:q-{number}"],
    )
    rows = [own]
    if rng.random() < 0.5:
        rows.append(allow("sts:AssumeRole", rng.sample(roles, min(5, len(roles)))))
    if rng.random() < 0.05:
        rows.append(allow("sts:AssumeRole", f"{ARN}role/{rng.choice(TEAMS)}-*"))
    return [{"PolicyName": "own", "PolicyDocument": document(*rows)}]


def generated(count: int, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    rng = random.Random(seed)
    names = [f"{TEAMS[number % 5]}-{number:05d}" for number in range(count)]
    roles = [f"{ARN}role/{name}" for name in names]
    role_rows = [
        {
            "Path": "/",
            "RoleName": name,
            "RoleId": f"AROA{number:017d}",
            "Arn": roles[number],
            "AssumeRolePolicyDocument": trust(rng, roles),
            "RolePolicyList": inline(rng, number, roles),
            "AttachedManagedPolicies": attached(rng),
        }
        for number, name in enumerate(names)
    ]
    user_rows = [
        {
            "Path": "/",
            "UserName": f"u{number}",
            "UserId": f"AIDA{number:017d}",
            "Arn": f"{ARN}user/u{number}",
            "GroupList": [f"g{number % 4}"],
            "UserPolicyList": inline(rng, count + number, roles),
            "AttachedManagedPolicies": [],
        }
        for number in range(count // 5)
    ]
    groups = [
        {"GroupName": f"g{n}", "GroupPolicyList": [], "AttachedManagedPolicies": attached(rng)}
        for n in range(4)
    ]
    policies = [
        {"Arn": arn, "PolicyVersionList": [{"IsDefaultVersion": True, "Document": text}]}
        for arn, text in SHARED.items()
    ]
    return {
        "RoleDetailList": role_rows,
        "UserDetailList": user_rows,
        "GroupDetailList": groups,
        "Policies": policies,
    }


def timed(label: str, started: float, note: str = "") -> None:
    print(f"  {label:<34}{time.perf_counter() - started:8.2f} s  {note}", flush=True)


def measure(gaad: dict[str, list[dict[str, Any]]], account: str) -> None:
    started = time.perf_counter()
    people = principals(
        AccountDetails(
            account,
            users=[Row(row) for row in gaad["UserDetailList"]],
            groups=[Row(row) for row in gaad["GroupDetailList"]],
            roles=[Row(row) for row in gaad["RoleDetailList"]],
            policies=[Row(row) for row in gaad["Policies"]],
        )
    )
    world = IamWorld(
        {one.arn: one for one in people},
        {account: Account(account, membership="none")},
        now="2026-01-01T00:00:00Z",
    )
    timed("parse", started, f"{len(people)} principals")
    roles = [one for one in people if one.kind == "role"]
    started = time.perf_counter()
    edges = Counter(row.kind for role in roles for row in assume_answers(world, role.arn))
    timed("CAN_ASSUME of every role", started, f"{edges.total()} relationships {dict(edges)}")
    started = time.perf_counter()
    verdicts = Counter(str(admin_answer(world, one.arn, account).answer.verdict) for one in people)
    timed("HAS_ADMIN of every principal", started, str(dict(verdicts)))
    started = time.perf_counter()
    request = [Request(one, "s3:GetObject", "arn:aws:s3:::bucket-7/x") for one in people]
    found = Counter(str(evaluate(world, one).verdict) for one in request)
    timed("one request, every principal", started, str(dict(found)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {peak:.0f} MB")


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--file"]:
        gaad = json.loads(Path(arguments[1]).read_text(encoding="utf-8"))
        account = gaad["RoleDetailList"][0]["Arn"].split(":")[4]
        print(arguments[1])
        measure(gaad, account)
        return
    for count in [int(text) for text in arguments] or [100, 1000, 10_000]:
        print(f"{count} roles, {count // 5} users")
        measure(generated(count), ACCOUNT)


if __name__ == "__main__":
    main(sys.argv[1:])
