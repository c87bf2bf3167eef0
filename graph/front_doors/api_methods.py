"""Which statements of a REST API's resource policy are about a method.

A statement names ``api/stage/METHOD/path``; ``*`` stands for any text.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph.iam import patterns

Cut = tuple[int, ...]
"""Numbers of the statements that are about a method in one stage."""

_PARAMETER = re.compile(r"\{[^{}]*\}")
_MOST = 2_000_000
"""Comparisons of a method with a written resource; AWS's quotas allow far fewer."""


def cuts(
    document: Mapping[str, Any],
    base: str,
    stages: Sequence[str],
    methods: Sequence[tuple[str, str]],
) -> list[tuple[Cut, ...]]:
    """Tell for each method which statements are about it, in each stage.

    An Allow is about a method if it names something of it; a Deny only if it names all of it, as
    the caller chooses the stage, the verb of ``ANY`` and the parameters of the path.

    Args:
        document: the policy, its resources written out.
        base: the API's ARN in policies, ``arn:aws:execute-api:region:account:api``.
        stages: deployed ones; none: any.
        methods: (verb, path) of each, e.g. ``("ANY", "/items/{id}")``.

    Returns:
        for each method its different cuts; every statement where there is too much to compare.
    """
    statements = [one if isinstance(one, Mapping) else {} for one in document["Statement"]]
    places = list(stages) or ["*"]
    written = sum(len(_entries(one)[0] or ()) for one in statements)
    if len(places) * len(methods) * max(written, len(statements)) > _MOST:
        return [(tuple(range(len(statements))),)] * len(methods)
    return [
        tuple(
            dict.fromkeys(
                _cut(statements, patterns.wild(_named(base, stage, verb, path))) for stage in places
            )
        )
        for verb, path in methods
    ]


def concerning(document: Mapping[str, Any], base: str, cut: Cut) -> dict[str, Any]:
    """The policy as it stands for a method: its statements alone, as being about the whole API."""
    rows = document["Statement"]
    found = []
    for number in cut:
        row = rows[number]
        if isinstance(row, Mapping) and _entries(row)[0] is not None:
            rest = {key: value for key, value in row.items() if key not in _MEMBERS}
            row = {**rest, "Resource": f"{base}/*"}
        found.append(row)
    return {**document, "Statement": found or [_nothing(base)]}


_MEMBERS = ("Resource", "NotResource")


def _nothing(base: str) -> dict[str, Any]:
    """A statement that refuses what nothing allows: a policy has to have one."""
    what = {"Action": "execute-api:Invoke", "Resource": f"{base}/*"}
    return {"Effect": "Deny", "Principal": "*", **what}


def _named(base: str, stage: str, verb: str, path: str) -> str:
    return f"{base}/{stage}/{'*' if verb == 'ANY' else verb}{_PARAMETER.sub('*', path)}"


def _cut(statements: Iterable[Mapping[str, Any]], method: str) -> Cut:
    return tuple(number for number, row in enumerate(statements) if _is_about(row, method))


def _is_about(row: Mapping[str, Any], method: str) -> bool:
    entries, excluded = _entries(row)
    if entries is None:
        return True  # It cannot be read here; the policy's evaluation says so.
    if row.get("Effect") == "Deny":
        return not _some(entries, method) if excluded else _all(entries, method)
    return not _all(entries, method) if excluded else _some([*entries, *_below(entries)], method)


def _some(entries: Iterable[str], method: str) -> bool:
    return any(patterns.written_resource(one).intersects(method) for one in entries)


def _all(entries: Iterable[str], method: str) -> bool:
    return any(patterns.written_resource(one).matches(method) for one in entries)


def _below(entries: Iterable[str]) -> list[str]:
    """What stands below an API, a stage or a verb that an Allow names without a wildcard.

    AWS's own example allows ``arn:aws:execute-api:us-east-1:111111111111:api-id/``.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    return [f"{one.rstrip('/')}/*" for one in entries if one.count("/") < 3]


def _entries(row: Mapping[str, Any]) -> tuple[list[str] | None, bool]:
    """The written resources, and whether they are those that a statement leaves out."""
    named = [key for key in _MEMBERS if key in row]
    if len(named) != 1:
        return None, False
    value = row[named[0]]
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        return None, False
    if not all(isinstance(one, str) and "${" not in one for one in listed):
        return None, False
    return listed, named[0] == "NotResource"


__all__ = ["Cut", "concerning", "cuts"]
