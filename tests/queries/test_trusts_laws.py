"""Laws of the rows of ``trusts`` over drawn organisations, from AWS's JSON to the rows."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivation.aws_world import DEV, FULL, ORG, PROD, VENDOR, World, allow, iam, trusting
from graph.derive import derive
from graph.verdict import Verdict
from queries.answers.parties import Parties
from queries.answers.row import Row
from queries.answers.trusts import QUERIES, trust_rows
from queries.runner import run_query
from snapshot_files import REGION, write_snapshot
from tests.queries.embedded import Embedded

THIRD = "777766665555"
ACCOUNTS = (PROD, DEV, VENDOR, THIRD)
ROLES = tuple((account, name) for account in (PROD, DEV) for name in ("a", "b"))
ARNS = tuple(iam("role", name, account) for account, name in ROLES)
QUEUE = f"arn:aws:sqs:{REGION}:{PROD}:jobs"
IMAGE = f"arn:aws:ec2:{REGION}:{PROD}:image/ami-1"
WIDE = ("internet", "any-aws-principal", "any-aws-account")
# Ids that the accounts' numbers stand in are told in another order after a change of numbers.
SHAPE = ("outside", "mechanism", "ends_in", "from")

principals = st.sampled_from(
    [
        {"AWS": VENDOR},
        {"AWS": THIRD},
        {"AWS": PROD},
        {"AWS": DEV},
        {"AWS": iam("role", "x", VENDOR)},
        {"AWS": "*"},
        {"Service": "ec2.amazonaws.com"},
        *({"AWS": arn} for arn in ARNS),
    ]
)
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"StringEquals": {"sts:ExternalId": "3f1c9d2e"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:PrincipalOrgID": ORG}},
    {"StringEquals": {"aws:PrincipalAccount": VENDOR}},
    {"IpAddress": {"aws:SourceIp": "54.240.143.0/24"}},
)
conditions = st.sampled_from(CONDITIONS)
Statement = tuple[str, Any, Any]
"""Effect, principal, condition."""
statements = st.lists(st.tuples(st.just("Allow"), principals, conditions), max_size=2).map(tuple)


@dataclass(frozen=True)
class Drawn:
    """An organisation of two accounts.

    Attributes:
        trusts: of each role of :data:`ROLES`.
        steps: which roles may assume every role.
        admins: which roles are admin of their account.
        queue: statements of a queue's policy.
        image: who may launch an image.
    """

    trusts: tuple[tuple[Statement, ...], ...]
    steps: frozenset[int]
    admins: frozenset[int]
    queue: tuple[Statement, ...]
    image: tuple[str, ...]

    def lines(self) -> World:
        """As AWS tells it."""
        world = World()
        world.organisation(prod=PROD, dev=DEV)
        for number, (account, name) in enumerate(ROLES):
            rights = [allow("sts:AssumeRole", "arn:aws:iam::*:role/*")]
            own = [*(rights if number in self.steps else ())]
            own += [FULL] if number in self.admins else []
            trust = [_trust(*row) for row in self.trusts[number]]
            world.role(name, trust, *own, account=account)
        rows = [_queue(*row) for row in self.queue]
        text = json.dumps({"Version": "2012-10-17", "Statement": rows})
        attributes = {"Attributes": {"Policy": text}} if rows else {"Attributes": {}}
        world.add("sqs:queue", QUEUE, {}, region=REGION, get_queue_attributes=attributes)
        permitted = [{"Group" if one == "all" else "UserId": one} for one in self.image]
        world.add(
            "ec2:image",
            IMAGE,
            {"OwnerId": PROD, "State": "available", "ImageId": "ami-1"},
            region=REGION,
            describe_image_attribute={"LaunchPermissions": permitted},
        )
        return world

    def rows(self, swap: dict[str, str] | None = None) -> list[Row]:
        """The rows of ``trusts``, after the account numbers are changed."""
        world = self.lines()
        lines: Any = [[list(key), rows] for key, rows in world.rows().items()]
        ledger: Any = world.ledger()
        if swap:
            lines, ledger = moved(lines, swap), moved(ledger, swap)
        ours = [moved(one, swap or {}) for one in (PROD, DEV)]
        with tempfile.TemporaryDirectory() as folder:
            written = {(key[0], key[1], key[2]): rows for key, rows in lines}
            derivation = derive(write_snapshot(Path(folder), written, ledger))
        store = Embedded(derivation.nodes, derivation.relationships)
        inside = frozenset(ours)
        parties = Parties(collected=inside, organisation=inside, organisation_ids=frozenset({ORG}))
        trusts, steps, shared, data, flows = (run_query(store, name) for name in QUERIES)
        return trust_rows(trusts, steps, shared, parties, data, flows)


def _trust(effect: str, principal: Any, condition: Any) -> dict[str, Any]:
    more = {"Condition": condition} if condition else {}
    return trusting(principal, **more) | {"Effect": effect}


def _queue(effect: str, principal: Any, condition: Any) -> dict[str, Any]:
    more = {"Condition": condition} if condition else {}
    return allow("sqs:SendMessage", QUEUE, Principal=principal, **more) | {"Effect": effect}


def moved(value: Any, swap: dict[str, str]) -> Any:
    """A value with other account numbers."""
    text = json.dumps(value)
    for number, account in enumerate(swap):
        text = text.replace(account, f"<{number}>")
    for number, account in enumerate(swap.values()):
        text = text.replace(f"<{number}>", account)
    return json.loads(text)


organisations = st.builds(
    Drawn,
    trusts=st.tuples(*(statements for _ in ROLES)),
    steps=st.frozensets(st.integers(0, len(ROLES) - 1)),
    admins=st.frozensets(st.integers(0, len(ROLES) - 1), max_size=2),
    queue=statements,
    image=st.lists(st.sampled_from([VENDOR, THIRD, DEV, "all"]), max_size=3, unique=True).map(
        tuple
    ),
)


def shape(row: Row, swap: dict[str, str] | None = None) -> tuple[Any, ...]:
    """What a row says, apart from its words."""
    hops = [(hop["id"], hop["type"]) for hop in row.own["hops"]]
    told = [row.id, [row.own[name] for name in SHAPE], hops, list(row.answer.conditions)]
    return (json.dumps(moved(told, swap or {})), str(row.verdict), row.severity)


def direct(rows: list[Row]) -> dict[tuple[str, str, str], int]:
    """Verdicts of rows of one hop, by who gets in, where, and how; without those of ``no``."""
    found: dict[tuple[str, str, str], int] = {}
    for row in rows:
        if len(row.own["hops"]) == 1 and row.verdict is not Verdict.NO:
            key = (row.own["from"], row.id, row.own["hops"][0]["type"])
            found[key] = max(found.get(key, 0), row.verdict.rank)
    return found


def reached(rows: list[Row]) -> set[tuple[str, str]]:
    """Whoever a row starts from, with everything that it passes."""
    return {
        (row.own["from"], one)
        for row in rows
        if row.verdict.rank >= Verdict.CONDITIONAL.rank
        for one in (row.id, row.own["ends_in"], *(hop["id"] for hop in row.own["hops"]))
    }


def covered(pair: tuple[str, str], before: set[tuple[str, str]]) -> bool:
    """Whether somebody had a thing, or was admin of its account, which says it already."""
    start, end = pair
    parts = end.split(":")
    account = f"account:{parts[4]}" if len(parts) > 5 else end
    starts = {start, *WIDE, *({f"account:{start.split(':')[4]}"} if ":iam::" in start else ())}
    return any((one, thing) in before for one in starts for thing in (end, account))


@settings(max_examples=20)
@given(organisations, st.sampled_from(list(permutations(ACCOUNTS))))
def test_other_account_numbers_give_the_same_shape(drawn: Drawn, order: tuple[str, ...]) -> None:
    swap = dict(zip(ACCOUNTS, order, strict=True))
    expected = sorted(shape(row, swap) for row in drawn.rows())
    assert sorted(shape(row) for row in drawn.rows(swap)) == expected


@settings(max_examples=15)
@given(organisations)
def test_the_order_of_statements_and_receivers_changes_nothing(drawn: Drawn) -> None:
    turned = replace(
        drawn,
        trusts=tuple(rows[::-1] for rows in drawn.trusts),
        queue=drawn.queue[::-1],
        image=drawn.image[::-1],
    )
    assert {row.key: shape(row) for row in turned.rows()} == {
        row.key: shape(row) for row in drawn.rows()
    }


@settings(max_examples=20)
@given(organisations, st.integers(0, len(ROLES) - 1), principals, conditions)
def test_a_deny_more_in_a_trust_grants_nothing(
    drawn: Drawn, number: int, principal: Any, condition: Any
) -> None:
    rows = list(drawn.trusts)
    rows[number] = (*rows[number], ("Deny", principal, condition))
    _grants_nothing(drawn, replace(drawn, trusts=tuple(rows)))


@settings(max_examples=15)
@given(organisations, principals, conditions)
def test_a_deny_more_in_a_policy_grants_nothing(
    drawn: Drawn, principal: Any, condition: Any
) -> None:
    _grants_nothing(drawn, replace(drawn, queue=(*drawn.queue, ("Deny", principal, condition))))


@settings(max_examples=20)
@given(organisations, st.data())
def test_a_statement_or_receiver_less_grants_nothing(drawn: Drawn, data: Any) -> None:
    held = [number for number, rows in enumerate(drawn.trusts) if rows]
    if held:
        number = data.draw(st.sampled_from(held))
        rows = list(drawn.trusts)
        rows[number] = rows[number][1:]
        _grants_nothing(drawn, replace(drawn, trusts=tuple(rows)))
    if drawn.image or drawn.queue:
        _grants_nothing(drawn, replace(drawn, image=drawn.image[1:], queue=drawn.queue[1:]))


@settings(max_examples=20)
@given(organisations, st.integers(0, len(ROLES) - 1), st.sampled_from(CONDITIONS[1:]))
def test_a_condition_more_never_widens(drawn: Drawn, number: int, narrowing: Any) -> None:
    rows = list(drawn.trusts)
    rows[number] = tuple(
        (effect, principal, _both(condition, narrowing))
        for effect, principal, condition in rows[number]
    )
    _grants_nothing(drawn, replace(drawn, trusts=tuple(rows)), new_sources=True)


def _both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    found = {operator: dict(keys) for operator, keys in first.items()}
    for operator, keys in second.items():
        for key, value in keys.items():
            found.setdefault(operator, {}).setdefault(key, value)
    return found


def _grants_nothing(drawn: Drawn, less: Drawn, new_sources: bool = False) -> None:
    before, after = drawn.rows(), less.rows()
    had, has = direct(before), direct(after)
    stronger = {
        key
        for key, rank in has.items()
        if rank > max((had.get((one, *key[1:]), 0) for one in (key[0], *WIDE)), default=0)
        and not (new_sources and key not in had and _narrower(key, had, rank))
    }
    assert stronger == set()
    known = reached(before)
    assert {pair for pair in reached(after) if not covered(pair, known)} == set()


def _narrower(key: tuple[str, str, str], had: dict[tuple[str, str, str], int], rank: int) -> bool:
    """Whether a source that is new is a part of one that was there."""
    parts = key[0].split(":")
    whole = f"account:{parts[4]}" if len(parts) > 5 else ""
    return any(had.get((one, *key[1:]), 0) >= rank for one in (whole, *WIDE))


# The laws are about something: a drawn organisation can have every kind of row.

EVERYTHING = Drawn(
    trusts=(
        (("Allow", {"AWS": VENDOR}, {}),),
        (("Allow", {"AWS": ARNS[0]}, {}),),
        (("Allow", {"AWS": ARNS[1]}, {}),),
        (("Allow", {"AWS": ARNS[2]}, {}),),
    ),
    steps=frozenset(range(4)),
    admins=frozenset({3}),
    queue=(("Allow", {"AWS": THIRD}, {}),),
    image=(THIRD,),
)


def test_a_chain_through_every_role_is_a_row() -> None:
    rows = {(row.own["from"], row.own["ends_in"]): row for row in EVERYTHING.rows()}
    chain = rows[f"account:{VENDOR}", f"account:{DEV}"]
    assert [hop["id"] for hop in chain.own["hops"]] == [*ARNS, f"account:{DEV}"]
    assert (f"account:{THIRD}", QUEUE) in rows
    assert (f"account:{THIRD}", IMAGE) in rows


@pytest.mark.parametrize("number", range(4))
def test_its_twin_without_one_trust_has_no_chain(number: int) -> None:
    trusts = tuple(() if n == number else rows for n, rows in enumerate(EVERYTHING.trusts))
    rows = replace(EVERYTHING, trusts=trusts).rows()
    assert (f"account:{VENDOR}", f"account:{DEV}") not in {
        (row.own["from"], row.own["ends_in"]) for row in rows
    }
