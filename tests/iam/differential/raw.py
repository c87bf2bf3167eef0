"""The naive evaluator's worlds as AWS's answers, for ``import raw``: the whole way into the engine.

Only accounts of the organisation, or all of them where there is none; each resource in the home
that its ARN names, buckets in ``eu-west-1``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from collector.raw import import_raw
from collector.snapshot import Snapshot
from graph.iam.from_snapshot import from_snapshot
from graph.iam.world import IamWorld

Doc = dict[str, Any]
REGION = "eu-west-1"
_KEY = b"0123456789abcdef0123456789abcdef"
_NONE = {"Error": {"Code": "NoSuchPublicAccessBlockConfiguration", "Message": "none"}}
_KINDS = {"scps": "SERVICE_CONTROL_POLICY", "rcps": "RESOURCE_CONTROL_POLICY"}


def imported(world: Doc, folder: Path) -> IamWorld:
    """The world that an import of its accounts' answers makes."""
    for account, data in world["accounts"].items():
        _write(folder, account, "iam.get_account_authorization_details", data)
        _write(folder, account, "s3control.get_public_access_block", _NONE)
        _organization(folder, world, account)
        _resources(folder, [row for row in world["resources"] if row["account"] == account])
        for region in (REGION, "us-east-1"):
            _write(folder, account, "ram.get_resource_shares", {"resourceShares": []}, region)
    organization = world["organization"]
    if organization and organization["management"] not in world["accounts"]:
        _organization(folder, world, organization["management"])
    import_raw(folder / "raw", folder / "snapshot", redaction_key=_KEY)
    return from_snapshot(Snapshot.open(folder / "snapshot"))


def _write(folder: Path, account: str, name: str, answer: Any, region: str = "global") -> None:
    path = folder / "raw" / account / region / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(answer), encoding="utf-8")


# ---------------------------------------------------------------- the organisation


def _organization(folder: Path, world: Doc, account: str) -> None:
    organization = world["organization"]
    if organization is None or account not in organization["parents"]:
        refused = {"Error": {"Code": "AWSOrganizationsNotInUseException", "Message": "none"}}
        _write(folder, account, "organizations.describe_organization", refused)
        return
    described = {"Id": organization["id"], "MasterAccountId": organization["management"]}
    _write(folder, account, "organizations.describe_organization", {"Organization": described})
    if account == organization["management"]:
        _tree(folder, organization, account)


def _tree(folder: Path, organization: Doc, account: str) -> None:
    def say(name: str, answer: Any) -> None:
        _write(folder, account, f"organizations.{name}", answer)

    root, parents = organization["root"], organization["parents"]
    kinds = [kind for name, kind in _KINDS.items() if organization[name]]
    types = [{"Type": kind, "Status": "ENABLED"} for kind in kinds]
    say("list_roots", {"Roots": [{"Id": root, "Arn": _arn("root", root), "PolicyTypes": types}]})
    units = [one for one in parents if not one.isdigit()]
    for above in (root, *units):
        below = [{"Id": one, "Arn": _arn("ou", one)} for one in units if parents[one] == above]
        inside = [{"Id": one} for one in parents if one.isdigit() and parents[one] == above]
        say(f"list_organizational_units_for_parent.{above}", {"OrganizationalUnits": below})
        say(f"list_accounts_for_parent.{above}", {"Accounts": inside})
    accounts = [one for one in parents if one.isdigit()]
    rows = [{"Id": one, "Arn": _arn("account", one), "Status": "ACTIVE"} for one in accounts]
    say("list_accounts", {"Accounts": rows})
    for one in accounts:
        kind = "ROOT" if parents[one] == root else "ORGANIZATIONAL_UNIT"
        say(f"list_parents.{one}", {"Parents": [{"Id": parents[one], "Type": kind}]})
    for name, kind in _KINDS.items():
        _policies(say, organization[name], kind)


def _policies(say: Any, by_target: Doc, kind: str) -> None:
    listed = []
    for target, docs in by_target.items():
        for number, doc in enumerate(docs):
            id_ = f"p-{kind[0].lower()}{target.replace('-', '')}{number}"
            row = {"Id": id_, "Arn": _arn("policy", id_), "Name": id_, "Type": kind}
            listed.append(row)
            text = json.dumps(doc)
            say(f"describe_policy.{id_}", {"Policy": {"PolicySummary": row, "Content": text}})
            say(f"list_targets_for_policy.{id_}", {"Targets": [{"TargetId": target}]})
    say(f"list_policies.{kind}", {"Policies": listed})


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:organizations::000000000001:{kind}/o-abc1234567/{name}"


# ---------------------------------------------------------------- resources


def _resources(folder: Path, rows: list[Doc]) -> None:
    buckets = [row for row in rows if row["kind"] == "s3-bucket"]
    for row in rows:
        if row["kind"] in _WRITERS:
            _WRITERS[row["kind"]](folder, row)
    if buckets:
        _buckets(folder, buckets)


def _text(row: Doc) -> str:
    return "" if row["policy"] is None else json.dumps(row["policy"])


def _buckets(folder: Path, rows: list[Doc]) -> None:
    account = rows[0]["account"]
    names = [row["arn"].rpartition(":")[2] for row in rows]
    _write(folder, account, "s3.list_buckets", {"Buckets": [{"Name": name} for name in names]})
    for row, name in zip(rows, names, strict=True):
        policy: Doc = {"Policy": _text(row)}
        if row["policy"] is None:
            policy = {"Error": {"Code": "NoSuchBucketPolicy", "Message": "none"}}
        owned = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        for call, answer in (
            ("get_bucket_location", {"LocationConstraint": REGION}),
            ("get_bucket_policy", policy),
            ("get_bucket_acl", {"Owner": {"ID": "me"}, "Grants": []}),
            ("get_public_access_block", _NONE),
            ("get_bucket_ownership_controls", {"OwnershipControls": owned}),
        ):
            _write(folder, account, f"s3.{call}.{name}", answer)


def _key(folder: Path, row: Doc) -> None:
    account, id_ = row["account"], row["arn"].rpartition("/")[2]
    described = {"KeyId": id_, "Arn": row["arn"], "KeyManager": "CUSTOMER"}
    for name, answer in (
        ("list_keys", {"Keys": [{"KeyId": id_, "KeyArn": row["arn"]}]}),
        (f"describe_key.{_file(row)}", {"KeyMetadata": described}),
        (f"get_key_policy.{_file(row)}", {"Policy": _text(row)}),
        (f"list_grants.{_file(row)}", {"Grants": []}),
    ):
        _write(folder, account, f"kms.{name}", answer, REGION)


def _topic(folder: Path, row: Doc) -> None:
    account, arn = row["account"], row["arn"]
    attributes = {"TopicArn": arn, "Policy": _text(row)}
    _write(folder, account, "sns.list_topics", {"Topics": [{"TopicArn": arn}]}, REGION)
    name = f"sns.get_topic_attributes.{_file(row)}"
    _write(folder, account, name, {"Attributes": attributes}, REGION)


def _file(row: Doc) -> str:
    return quote(row["arn"], safe="")


_WRITERS = {"kms-key": _key, "sns-topic": _topic}
CARRIED = {"s3-bucket", *_WRITERS}
"""Kinds of resources that are written."""
