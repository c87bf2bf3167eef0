"""Changes that cut attack paths, written as changes of a snapshot's lines (``--what-if``)."""

from __future__ import annotations

import copy
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from graph.schema.registry import REGISTRY
from queries.answers.choke_changes import Change, Kind

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from queries.answers.attack import AttackGraph, Link

_INLINE = {
    "iam:role": "RolePolicyList",
    "iam:user": "UserPolicyList",
    "iam:group": "GroupPolicyList",
}
_ASSUME = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
_MOST_MEMBERS = 50
"""Members of a set whose own policies a change rewrites."""
_NAME = "mapper-choke-point"
_KEY_ID = re.compile(r"\bAKIA[A-Z2-7]{16}\b")
Line = dict[str, Any]
"""A line of a snapshot: ``id``, ``item``, ``calls``."""


class CannotWriteError(Exception):
    """A change cannot be written as an overlay; the message says why, as a sentence."""


class Edits:
    """Lines as they stand after some changes to a snapshot.

    Args:
        snapshot: seen through what it is already asked with.
        graph: the attack graph that the changes are of.
    """

    def __init__(self, snapshot: Snapshot, graph: AttackGraph) -> None:
        self._snapshot = snapshot
        self._graph = graph
        self._lines: dict[tuple[str, str], Line] = {}
        self._members: dict[str, list[str]] = defaultdict(list)
        for link in graph.every_link():
            if link.type == "IN_GROUP":
                self._members[link.hop.end.id].append(link.hop.start.id)

    def add(self, change: Change, links: Iterable[Link]) -> None:
        """Make a change, on top of those that were made.

        Args:
            change: what to do.
            links: the steps that it cuts.

        Raises:
            CannotWriteError: it cannot be written; nothing was changed.
        """
        kept = copy.deepcopy(self._lines)
        try:
            _WAYS[change.kind](self, change, list(links))
        except CannotWriteError:
            self._lines = kept
            raise

    def changes(self) -> list[dict[str, Any]]:
        """The overlay, with what the snapshot is already asked with."""
        made = {(one.file, one.id): one for one in self._snapshot.overlay.changes}
        found = {
            place: {"op": one.op, "file": one.file, "id": one.id}
            | ({} if one.line is None else {"line": one.line})
            for place, one in made.items()
        }
        for (file, node), line in self._lines.items():
            before = made.get((file, node))
            op = before.op if before is not None else "replace"
            found[file, node] = {"op": op, "file": file, "id": node, "line": line}
        return [found[place] for place in sorted(found)]

    def _line(self, node: str, types: Iterable[str]) -> tuple[str, Line] | None:
        """The type and line of a node, to be changed."""
        for type_id in types:
            for item in self._snapshot.items_holding(type_id, [node.lower()]):
                if item.id != node:
                    continue
                calls = {
                    name: {"status": str(call.status)}
                    | ({"error": call.error} if call.error else {"value": call.value})
                    for name, call in item.calls.items()
                }
                line = {"id": node, "item": dict(item.item), "calls": calls}
                made = self._lines.setdefault((item.file, node), copy.deepcopy(line))
                return type_id, made
        return None

    def take_trust(self, change: Change, _: list[Link]) -> None:
        """A Deny in the trust policy names the party; of a source, its statements are gone."""
        found = self._line(change.subject, ("iam:role",))
        if found is None:
            raise CannotWriteError("The role's own line is not in the snapshot.")
        item = found[1]["item"]
        document = _document(item.get("AssumeRolePolicyDocument"))
        thing = self._graph.things[change.start]
        party = change.start
        if "PrincipalSet" in thing.end.labels:
            document["Statement"].append(_deny_arns(sorted(self._members[party])))
        elif ":iam::" in party and not party.endswith(":root"):
            document["Statement"].append(_deny_arns([party]))
        elif party.startswith("account:"):
            root = f"arn:{change.subject.split(':')[1]}:iam::{party.removeprefix('account:')}:root"
            deny = {"Effect": "Deny", "Principal": {"AWS": root}, "Action": _ASSUME}
            document["Statement"].append(deny)
        else:
            kept = [one for one in document["Statement"] if not _is_of(one, thing.end.labels)]
            if len(kept) == len(document["Statement"]):
                raise CannotWriteError("No single statement of the trust policy is the party's.")
            document["Statement"] = kept
        item["AssumeRolePolicyDocument"] = document

    def take_technique(self, change: Change, _: list[Link]) -> None:
        """A Deny of the actions in a policy of the principal's own."""
        actions = [one for one in change.about if ":" in one]
        if not actions:
            raise CannotWriteError("The technique is no set of IAM actions.")
        self._deny(change.start, actions, ["*"])

    def take_access(self, change: Change, links: list[Link]) -> None:
        """A Deny of the actions on the resource, in a policy of the principal's own."""
        if self._graph.things[change.start].is_source:
            raise CannotWriteError(
                "The policy or list of a resource is not rewritten: edit it, or see "
                "mapper explain for the statement."
            )
        actions = sorted({action for link in links for action in link.actions})
        subject = change.subject
        if "ResourceSet" in self._graph.things[subject].end.labels or not subject.startswith(
            "arn:"
        ):
            raise CannotWriteError("The resources are a set, of which a Deny names no single one.")
        if not actions:
            raise CannotWriteError("Which actions it may call there is not told.")
        self._deny(change.start, actions, [subject, f"{subject}/*"])

    def take_key(self, change: Change, links: list[Link]) -> None:
        """The user's keys that stand in the thing are switched off."""
        found = self._line(change.subject, ("iam:user-credentials",))
        told = " ".join(line for link in links for line in link.hop.answer.evidence)
        call = found[1]["calls"].get("list_access_keys") if found else None
        listed = call.get("value") if call else None
        keys = [
            one
            for one in (listed if isinstance(listed, list) else ())
            if isinstance(one, dict) and one.get("AccessKeyId") in _KEY_ID.findall(told)
        ]
        if not keys:
            raise CannotWriteError("The keys of the user are not in the snapshot.")
        for one in keys:
            one["Status"] = "Inactive"

    def _deny(self, start: str, actions: list[str], resources: list[str]) -> None:
        is_set = "PrincipalSet" in self._graph.things[start].end.labels
        principals = sorted(self._members[start]) if is_set else [start]
        if len(principals) > _MOST_MEMBERS:
            raise CannotWriteError(f"The rights are those of {len(principals)} principals.")
        for principal in principals:
            found = self._line(principal, ("iam:role", "iam:user"))
            if found is None:
                raise CannotWriteError(f"No line of the snapshot is the role or user {principal}.")
            kind, line = found
            statement = {"Effect": "Deny", "Action": actions, "Resource": resources}
            inline = list(line["item"].get(_INLINE[kind]) or [])
            names = {one.get("PolicyName") for one in inline}
            name = next(f"{_NAME}-{n}" for n in range(1, len(names) + 2)
                        if f"{_NAME}-{n}" not in names)  # fmt: skip
            policy = {"Version": "2012-10-17", "Statement": [statement]}
            inline.append({"PolicyName": name, "PolicyDocument": policy})
            line["item"][_INLINE[kind]] = inline

    def take_admin(self, change: Change, links: list[Link]) -> None:
        """The policies that allow an action of a takeover are taken off, groups' among them."""
        found = self._line(change.start, ("iam:role", "iam:user"))
        if found is None:
            raise CannotWriteError("The principal's own line is not in the snapshot.")
        sets = [one.split("+") for link in links for one in link.hop.techniques if ":" in one]
        sets += [link.hop.mechanism.split("+") for link in links if ":" in link.hop.mechanism]
        actions = {action.lower() for one in sets for action in one}
        kind, line = found
        taken = self._without(kind, line["item"], actions)
        account = change.start.split(":")[4]
        kept = []
        for name in line["item"].get("GroupList") or []:
            if self._group_grants(str(name), account, actions):
                taken += 1
            else:
                kept.append(name)
        if "GroupList" in line["item"]:
            line["item"]["GroupList"] = kept
        if not taken:
            raise CannotWriteError("No policy that it carries is seen to allow it.")

    def _without(self, kind: str, item: dict[str, Any], actions: set[str]) -> int:
        inline = list(item.get(_INLINE[kind]) or [])
        own = [one for one in inline if not _allows(one.get("PolicyDocument"), actions)]
        attached = list(item.get("AttachedManagedPolicies") or [])
        kept = [one for one in attached if not self._managed(str(one.get("PolicyArn")), actions)]
        item[_INLINE[kind]], item["AttachedManagedPolicies"] = own, kept
        return len(inline) - len(own) + len(attached) - len(kept)

    def _managed(self, arn: str, actions: set[str]) -> bool:
        for item in self._snapshot.items_holding("iam:policy", [arn.lower()]):
            if item.id == arn or item.item.get("Arn") == arn:
                versions = item.item.get("PolicyVersionList") or []
                return any(
                    _allows(one.get("Document"), actions)
                    for one in versions
                    if one.get("IsDefaultVersion")
                )
        return False

    def _group_grants(self, name: str, account: str, actions: set[str]) -> bool:
        for group in self._snapshot.items("iam:group", account):
            if group.item.get("GroupName") == name:
                return self._without("iam:group", copy.deepcopy(dict(group.item)), actions) > 0
        return False

    def take_role(self, change: Change, _: list[Link]) -> None:
        """The workload's line without its role or instance profile."""
        kind = self._graph.things[change.subject].end.resource_type
        types = sorted({t.snapshot_type for t in REGISTRY.node_types if t.resource_type == kind})
        found = self._line(change.subject, types)
        if found is None:
            raise CannotWriteError("The workload's own line is not in the snapshot.")
        item = found[1]["item"]
        if item.pop("IamInstanceProfile", None) is None and not _drop(item, change.about[0]):
            raise CannotWriteError("The role stands in another thing than the workload itself.")

    def refuse_reach(self, _: Change, __: list[Link]) -> None:
        """Ports and doors have many places: groups, network ACLs, listeners, routes."""
        raise CannotWriteError("Ports and doors are not written as an overlay: close them and "
                               "collect again.")  # fmt: skip


_WAYS: Mapping[Kind, Callable[[Edits, Change, list[Link]], None]] = {
    Kind.TRUST: Edits.take_trust,
    Kind.TECHNIQUE: Edits.take_technique,
    Kind.ACCESS: Edits.take_access,
    Kind.ACCESS_KEY: Edits.take_key,
    Kind.ADMIN: Edits.take_admin,
    Kind.WORKLOAD_ROLE: Edits.take_role,
    Kind.REACH: Edits.refuse_reach,
}


def _document(value: Any) -> dict[str, Any]:
    """A policy with its statements as a list.

    Raises:
        CannotWriteError: it cannot be read.
    """
    if isinstance(value, str):
        try:
            value = json.loads(unquote(value) if value.startswith("%") else value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, Mapping):
        raise CannotWriteError("The policy cannot be read.")
    listed = value.get("Statement")
    statements = listed if isinstance(listed, list) else [listed]
    return {**value, "Statement": [one for one in statements if one is not None]}


def _deny_arns(principals: list[str]) -> dict[str, Any]:
    """A Deny of roles and users by ARN, sessions of the roles among them.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    (aws:PrincipalArn)
    """
    named = {"ArnEquals": {"aws:PrincipalArn": principals}}
    return {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": _ASSUME, "Condition": named}


_KINDS = {"FederatedProvider": "Federated", "AWSService": "Service"}


def _is_of(statement: Any, labels: Iterable[str]) -> bool:
    """Whether a statement allows parties of this kind: anyone, federated users, services."""
    if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    wanted = next((_KINDS[label] for label in labels if label in _KINDS), None)
    if wanted is not None:
        return isinstance(principal, Mapping) and wanted in principal
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    return "*" in (named if isinstance(named, list) else [named])


def _allows(value: Any, actions: set[str]) -> bool:
    """Whether an Allow of a policy names one of some actions (lower case)."""
    try:
        statements = _document(value)["Statement"]
    except CannotWriteError:
        return False
    return any(
        isinstance(one, Mapping)
        and one.get("Effect") == "Allow"
        and any(_matches(one, action) for action in actions)
        for one in statements
    )


def _matches(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _named(statement["NotAction"], action)
    return _named(statement.get("Action"), action)


def _named(patterns: Any, action: str) -> bool:
    listed = patterns if isinstance(patterns, list) else [patterns]
    return any(fnmatchcase(action, str(one).lower().replace("[", "[[]")) for one in listed)


def _drop(value: Any, wanted: str) -> bool:
    """Take out every member whose value is a text; whether there was one."""
    found = False
    if isinstance(value, dict):
        for name in [name for name, one in value.items() if one == wanted]:
            del value[name]
            found = True
        inner: Iterable[Any] = value.values()
    else:
        inner = value if isinstance(value, list) else ()
    for one in inner:
        found |= _drop(one, wanted)
    return found
