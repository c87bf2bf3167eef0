"""The policies that a snapshot's lines carry, read where ``policy_places.json`` says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from collector.snapshot import CallResult, Item, Status
from graph.evidence import Ref
from graph.iam.document import BrokenPolicy, Document, parse
from graph.iam.policy_places import PolicyPlace
from graph.iam.world import Policy


@dataclass(frozen=True, slots=True)
class Carried:
    """One policy of a resource, or why there is none.

    Attributes:
        arn: of the resource.
        call: what gave it.
        ref: where it stands, or would.
        text: JSON text or an object; ``None`` where there is none.
        name: the policy's own, if it has one.
        operation: what was asked, where that is not the place's own call.
    """

    place: PolicyPlace
    item: Item
    arn: str
    call: CallResult
    ref: Ref
    text: Any = None
    name: str = ""
    operation: str = ""

    @property
    def known(self) -> bool:
        """Whether the policy, or that there is none, is a fact."""
        if not self.call.known:
            return self.place.optional
        if self.call.status is Status.ABSENT:
            return True
        return not _nothing(self.text) or not self.place.always

    def policy(self) -> Policy | None:
        """The policy; its document is a ``BrokenPolicy`` where the text is none."""
        if _nothing(self.text):
            return None
        name = self.name or f"policy of {self.item.id.rpartition(':')[2]}"
        return Policy(name, parse(self.text), "", self.ref)


def carried(place: PolicyPlace, item: Item) -> Iterator[Carried]:
    """The policies that a line keeps at a place; one without text where it keeps none.

    Nothing for what the line does not have at all, such as the stream of a table without one.
    """
    if place.each:
        yield from _of_each(place, item)
        return
    call = item.call(place.operation) if place.operation else CallResult(Status.OK, item.item)
    pointer = f"/calls/{_escaped(place.operation)}/value" if place.operation else "/item"
    yield from read_at(place, item, call, pointer)


def switched_off(place: PolicyPlace, item: Item) -> bool:
    """Whether the line says that its policy is not in force."""
    if place.switch is None:
        return False
    at, off = place.switch
    return item.item.get(at) in off


def _of_each(place: PolicyPlace, item: Item) -> Iterator[Carried]:
    """A call that was made once for each alias, version or build."""
    listed = item.call(place.each)
    if not listed.known:
        ref = Ref.to(item, f"/calls/{_escaped(place.each)}")
        yield Carried(place, item, item.id, listed, ref, operation=place.each)
        return
    found = [row for row in item.calls_of(place.operation) if row[0]]
    for arguments, call in found:
        pointer = f"/calls/{_escaped(f'{place.operation}({arguments})')}/value"
        yield from read_at(place, item, call, pointer, arguments.partition("=")[2])


def read_at(
    place: PolicyPlace, item: Item, call: CallResult, pointer: str, argument: str = ""
) -> Iterator[Carried]:
    """The policies in the value of one call.

    Args:
        place: where they stand in it.
        item: the line.
        call: what gave them.
        pointer: where the value stands on the line.
        argument: what the call was made for, where it is made for each of several things.
    """
    arn = arn_of(place.arn, item, argument)
    if place.arn_at:
        arn = str(at(call.value, place.arn_at) or arn)
    value = _given(call, place.path)
    pointer += "".join(f"/{_escaped(step)}" for step in place.path)
    rows = list(_READERS[place.form](place, value)) if not _nothing(value) else []
    for below, name, scope, given in rows:
        text = _written_out(given, arn) if place.form == "escaped" else given
        yield Carried(place, item, scope or arn, call, Ref.to(item, pointer + below), text, name)
    if not rows:
        yield Carried(place, item, arn, call, Ref.to(item, pointer))


def _given(call: CallResult, path: tuple[str, ...]) -> Any:
    """What stands in the place; a value of another shape as it is, for it cannot be read."""
    if call.status is not Status.OK:
        return None
    return at(call.value, path) if isinstance(call.value, Mapping) else call.value or None


def arn_of(template: str, item: Item, argument: str = "") -> str:
    """A template of ``policy_places.json`` for one line."""
    partition = item.id.split(":")[1] if item.id.startswith("arn:") else "aws"
    if partition == "aws" and item.region.startswith(("cn-", "us-gov-")):
        partition = "aws-cn" if item.region.startswith("cn-") else "aws-us-gov"
    return (
        template.replace("{partition}", partition)
        .replace("{region}", item.region)
        .replace("{account}", item.account_id)
        .replace("{name}", item.id.rpartition("/")[2])
        .replace("{argument}", argument)
        .replace("{id}", item.id)
    )


def at(value: Any, path: tuple[str, ...]) -> Any:
    """A member of a response; the outermost level may have been unwrapped already."""
    for number, step in enumerate(path):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif not isinstance(value, Mapping) or number == len(path) - 1:
            return None
    return value


def _nothing(text: Any) -> bool:
    """Whether there is no policy; anything else that is none is a broken one."""
    return text is None or text == ""


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def in_one(policies: list[Policy]) -> Policy | None:
    """Policies that AWS weighs together, as one; broken if one of them is.

    A Deny of one binds what another allows.
    """
    if len(policies) < 2:
        return policies[0] if policies else None
    broken = next((p for p in policies if not isinstance(p.document, Document)), None)
    if broken is not None:
        return broken
    documents = tuple(p.document for p in policies if isinstance(p.document, Document))
    # Statements are counted anew, so that no place in one of the texts is that of them all.
    return Policy(" and ".join(dict.fromkeys(p.name for p in policies)), _joined(documents))


@lru_cache(maxsize=4096)
def _joined(documents: tuple[Document, ...]) -> Document:
    rows = [row for document in documents for row in document.statements]
    counted = tuple(replace(row, index=index) for index, row in enumerate(rows))
    return Document("+".join(document.hash for document in documents), counted)


# Forms. Each gives rows of a pointer below the place, a name, the resource that it is for, a text.

_Row = tuple[str, str, str, Any]


def _document(_: PolicyPlace, value: Any) -> Iterator[_Row]:
    yield "", "", "", value


def _named(_: PolicyPlace, value: Any) -> Iterator[_Row]:
    if not isinstance(value, Mapping):
        yield "", "", "", value
        return
    for name, text in value.items():
        yield f"/{_escaped(str(name))}", str(name), "", text


def _listed(place: PolicyPlace, value: Any) -> Iterator[_Row]:
    if not isinstance(value, list):
        yield "", "", "", value
        return
    for number, row in enumerate(value):
        held = row if isinstance(row, Mapping) else {place.member: row}
        scope = held.get(place.scope) if place.scope else ""
        if held.get(place.member):
            name = str(held.get(place.title) or "")
            yield f"/{number}/{place.member}", name, str(scope or ""), held[place.member]


def unescaped(text: str) -> Any:
    """JSON whose quotes may have been escaped once more.

    Raises:
        ValueError: it is no JSON in either form, or is nested too deep.
    """
    for form in (text, f'"{text}"'):
        try:
            found = json.loads(form)
            return json.loads(found) if isinstance(found, str) else found
        except (ValueError, RecursionError):
            continue
    raise ValueError("no JSON")


def _escaped_text(_: PolicyPlace, value: Any) -> Iterator[_Row]:
    """API Gateway gives a policy with its quotes escaped.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
    """
    if isinstance(value, str):
        with suppress(ValueError):
            value = unescaped(value)
    yield "", "", "", value


def _written_out(document: Any, arn: str) -> Any:
    """The policy with its resources in full: ``execute-api:/stage/GET/path`` is of this API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    if not isinstance(document, Mapping):
        return document
    rows = document.get("Statement")
    listed = rows if isinstance(rows, list) else [rows]
    return {**document, "Statement": [_statement_of(row, arn) for row in listed]}


def _statement_of(row: Any, arn: str) -> Any:
    if not isinstance(row, Mapping):
        return row
    named = {key: row[key] for key in ("Resource", "NotResource") if key in row}
    return {**row, **{key: _resources_of(value, arn) for key, value in named.items()}}


def _resources_of(value: Any, arn: str) -> Any:
    if isinstance(value, list):
        return [_resources_of(one, arn) for one in value]
    short = isinstance(value, str) and value.startswith("execute-api:/")
    return arn + value.removeprefix("execute-api:") if short else value


def _permissions(_: PolicyPlace, value: Any) -> Iterator[_Row]:
    """Service principals that may use a private CA, each for one account.

    https://docs.aws.amazon.com/privateca/latest/APIReference/API_CreatePermission.html
    """
    if not isinstance(value, list):
        yield "", "", "", value
        return
    rows = [row for row in value if isinstance(row, Mapping) and row.get("Principal")]
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": str(row["Principal"])},
            "Action": [f"acm-pca:{action}" for action in _texts(row.get("Actions"))],
            "Resource": "*",
            **_only_for(row.get("SourceAccount")),
        }
        for row in rows
    ]
    if statements:
        yield "", "", "", _policy_of(statements)


def _only_for(account: object) -> dict[str, Any]:
    if not account:
        return {}
    return {"Condition": {"StringEquals": {"aws:SourceAccount": str(account)}}}


def _statements(place: PolicyPlace, value: Any) -> Iterator[_Row]:
    """Serverless Application Repository: account ids or ``*``, perhaps of one organisation.

    https://docs.aws.amazon.com/serverlessrepo/latest/devguide/security_iam_resource-based-policy-examples.html
    """
    if not isinstance(value, list):
        yield "", "", "", value
        return
    short = dict(place.actions)
    statements = []
    for row in value:
        if not isinstance(row, Mapping):
            continue
        names = [
            full
            for action in _texts(row.get("Actions"))
            for full in short.get(action, (f"{place.service}:{action}",))
        ]
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": {"AWS": _texts(row.get("Principals"))},
            "Action": names,
            "Resource": "*",
        }
        if _texts(row.get("PrincipalOrgIDs")):
            organisations = _texts(row["PrincipalOrgIDs"])
            statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organisations}}
        statements.append(statement)
    if statements:
        yield "", "", "", _policy_of(statements)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _policy_of(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


_READERS: Mapping[str, Callable[[PolicyPlace, Any], Iterator[_Row]]] = {
    "document": _document,
    "named": _named,
    "listed": _listed,
    "escaped": _escaped_text,
    "permissions": _permissions,
    "statements": _statements,
}


def is_broken(policy: Policy) -> bool:
    """Whether a policy's text is none that could be read."""
    return isinstance(policy.document, BrokenPolicy)
