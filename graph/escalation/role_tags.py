"""Tags that a principal would put on roles so that its conditions on them hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from graph.escalation.calls import requests_of
from graph.escalation.changed import Changed
from graph.escalation.own_tags import OPERATORS, Tags, plain, with_tags
from graph.escalation.services import anywhere
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, by_id
from graph.iam.document import Document
from graph.iam.request import Request
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict

ID = "x-iam-tagrole"
_KEYS = ("iam:resourcetag/", "aws:resourcetag/")


def who_tags_roles(stage: Stage) -> Iterator[tuple[dict[str, Principal], dict[str, Changed]]]:
    """Roles as some principals may tag them, and these principals.

    Asked of principals whose own conditions speak of tags of resources alone; those who put the
    same tags on the same roles are one row.
    """
    alike: dict[tuple[Tags, tuple[str, ...]], dict[str, Changed]] = defaultdict(dict)
    for account in stage.accounts:
        asker = stage.asker(account)
        mask = asker.candidates(["iam:TagRole"])
        for one in asker.holders("iam:TagRole").listed(mask):
            new = _wanted(one)
            taggable = dict(_taggable(stage, one, new)) if new else {}
            if taggable:
                worst = min(taggable.values(), key=lambda answer: answer.verdict.rank)
                change = Changed(one, by_id(ID), worst, ("iam:TagRole",))
                alike[new, tuple(sorted(taggable))][one.arn] = change
    for (new, roles), acting in alike.items():
        known = stage.world.principals
        yield {arn: replace(known[arn], tags=with_tags(known[arn], new)) for arn in roles}, acting


def _wanted(one: Principal) -> Tags:
    """The first value that its own conditions ask of each tag of a resource."""
    found: dict[str, str] = {}
    for policy in one.policies:
        rows = policy.document.statements if isinstance(policy.document, Document) else ()
        for test in (test for row in rows for test in row.conditions):
            key = test.key.lower()
            if test.operator in OPERATORS and key.startswith(_KEYS) and "${" not in test.values[0]:
                found.setdefault(key.partition("/")[2], plain(test.values[0]))
    return tuple(sorted(found.items()))


def _taggable(stage: Stage, one: Principal, new: Tags) -> Iterator[tuple[str, Answer]]:
    carried = tuple((f"aws:RequestTag/{name}", (value,)) for name, value in new)
    keys = ("aws:TagKeys", tuple(name for name, _ in new))
    call = Call("iam:TagRole", "{role}", (*carried, keys))
    for role in stage.roles(one.account):
        values = {**anywhere(stage, one.account), "role": role.arn}
        asked: tuple[Request, ...] | None = requests_of((call,), one, values, tags=role.tags)
        if asked is None or role.arn == one.arn or with_tags(role, new) == role.tags:
            continue
        answer = stage.asker(one.account).answer_of(one.arn, asked)
        if answer.verdict.rank >= Verdict.CONDITIONAL.rank:
            yield role.arn, answer
