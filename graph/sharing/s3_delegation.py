"""Buckets that leave access to the access points of other accounts.

Any account can attach an access point to another's bucket; it works where the bucket's policy
admits calls through it. Whom its policy admits is then in the other account's hands.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-access-points.html
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.iam.document import Document, parse
from graph.iam.principal import NO_ACCOUNT
from graph.iam.request import FRESH_ACCOUNT
from graph.iam.s3_from_snapshot import members
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import outside, own, policy_grants, unread
from graph.sharing.s3_block import RESTRICT, Setting, flag_answer
from graph.sharing.s3_meaning import bucket_policy_public
from graph.verdict import Answer, Verdict, all_of

MECHANISM = "access-point"
_ACCOUNT, _ARN = "s3:dataaccesspointaccount", "s3:dataaccesspointarn"
_AT_MOST = 10


def delegated(
    item: Item, settings: tuple[Setting, ...], known: Collection[str], world: IamWorld
) -> Iterator[Judgement]:
    """Judge what a bucket's policy leaves to access points of accounts outside the snapshot.

    Args:
        item: a line of ``s3:bucket``.
        settings: Block Public Access at every level.
        known: accounts whose access points are collected, and judged themselves.
        world: the IAM facts.
    """
    text = members(item.call("get_bucket_policy")).get("Policy")
    if not isinstance(text, str | Mapping):
        return
    document = parse(text)
    if not isinstance(document, Document):
        return
    wanted = list(dict.fromkeys(_delegates(document)))
    if not wanted:
        return
    rest, cut = _about_access_points(text), _restricted(item, text, settings)
    ref = Ref.to(item, "/calls/get_bucket_policy/value/Policy")
    if len(wanted) > _AT_MOST:
        why = f"Access points of {len(wanted)} kinds are named; the first {_AT_MOST} are judged."
        answer = unread("s3control.list_access_points", item, why)
        yield outside(item, "any-aws-account", MECHANISM, answer)
    for account, arn in wanted[:_AT_MOST]:
        if account in known or account in (item.account_id, NO_ACCOUNT):
            continue
        holder = account if account.isdigit() else FRESH_ACCOUNT
        source = f"account:{account}" if account.isdigit() else "any-aws-account"
        context = {"s3:DataAccessPointAccount": (holder,), "s3:DataAccessPointArn": (arn,)}
        for grant in policy_grants("s3", item, rest, ref, world, context):
            if not own(grant.source_id, item.account_id):
                answer = all_of((grant.answer, cut))
                yield outside(item, source, MECHANISM, answer, grant.actions)


def _delegates(document: Document) -> Iterator[tuple[str, str]]:
    """Accounts (``*`` for any) and an ARN of an access point that Allow statements name."""
    for statement in document.statements:
        for test in () if statement.is_deny else statement.conditions:
            key = test.key.lower()
            for value in test.values if key in (_ACCOUNT, _ARN) else ():
                account = value if key == _ACCOUNT else (value.split(":") + [""] * 5)[4]
                account = account if account.isdigit() else "*"
                holder = account if account != "*" else FRESH_ACCOUNT
                arn = f"arn:aws:s3:eu-west-1:{holder}:accesspoint/any"
                if key == _ARN:
                    parts = [part.replace("*", "any") for part in value.split(":")]
                    parts[4:5] = [holder]
                    arn = ":".join(parts)
                yield account, arn


def _about_access_points(text: str | Mapping[str, Any]) -> dict[str, Any]:
    """The statements that ask for an access point, under every Deny."""
    policy = json.loads(text) if isinstance(text, str) else text
    rows = policy["Statement"]
    kept = [
        row
        for row in ([rows] if isinstance(rows, Mapping) else rows)
        if row["Effect"] == "Deny"
        or "dataaccesspoint" in json.dumps(row.get("Condition", {})).lower()
    ]
    return {"Version": policy.get("Version", "2008-10-17"), "Statement": kept}


def _restricted(item: Item, text: str | Mapping[str, Any], settings: tuple[Setting, ...]) -> Answer:
    if bucket_policy_public(item, text).public is False:
        return Answer(Verdict.YES)
    return flag_answer(item.id, settings, RESTRICT)
