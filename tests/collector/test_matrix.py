"""Every declaration against our own AWS, whole and with one call after the other taken away.

One account, one region, one type at a time (with the types it is found with). The short suite runs
a seeded sample; ``make test-long`` every type, every call and every fault. The seed is the run's
own (``MAPPER_TEST_SEED``).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aws_wire.expectation import Name, Tree, rows_by_name, status_of_lost
from aws_wire.faults import Fault, error_of
from aws_wire.identity import ACCOUNT, ANSWERED
from aws_wire.models import service
from aws_wire.process import WireProcess, environment
from aws_wire.requests import Request, access_key_of
from aws_wire.server import Asked
from collector.collect import collect
from collector.declare import Call, FollowUp, ResourceType
from collector.job import groups
from collector.patience import Patience
from collector.request import CollectError, CollectRequest
from collector.services import TYPES
from collector.snapshot import Snapshot
from collector.snapshot.ledger import LedgerRow, Status
from collector_world import KEY, contents
from conftest import FRESH_SEED
from mapper.cli import run

REGION = "eu-west-1"
ROOT = str(Path(__file__).parents[2])
HURRIED = Patience(
    attempts=2,
    network_attempts=1,
    first=0.001,
    longest=0.002,
    connect_seconds=5.0,
    read_seconds=30.0,
)
"""As patient as always, without the waits."""
IMPATIENT = replace(HURRIED, read_seconds=0.6)
FAULTS = {
    "denied": Status.DENIED,
    "throttled": Status.THROTTLED,
    "not_supported": Status.NOT_SUPPORTED,
    "empty": Status.EMPTY,
    "garbage": Status.ERROR,
    "truncated": Status.ERROR,
    "unknown_shape": Status.ERROR,
    "wrong_type": Status.ERROR,
    "hang": Status.UNREACHABLE,
    "region_off": Status.ERROR,
    "latency": Status.OK,
    "expired": Status.EXPIRED,
}
"""Effect -> how the row of the call that it befalls ends."""
KINDS = {
    "denied": ("denied",),
    "throttled": ("throttled",),
    "not supported": ("not_supported",),
    "empty": ("empty",),
    "malformed": ("garbage", "truncated", "unknown_shape", "wrong_type"),
    "slow": ("latency", "hang"),
    "expired": ("expired",),
    "region off": ("region_off",),
}
"""What may befall a call; where there are several forms, declarations take turns."""

BEFORE_ALL = {("sts", "get_caller_identity"), ("ec2", "describe_regions")}
"""What is asked before any job, to know the account and its regions."""
SHORT_TYPES, SHORT_FAULTS = 8, 16
random_ = random.Random(int(os.environ.get(FRESH_SEED, "1")))


@cache
def collected_with(type_id: str) -> dict[str, ResourceType]:
    """The type and those that are collected with it."""
    return {declared.id: declared for group in groups([type_id]) for declared in group}


@cache
def attacked(type_id: str) -> tuple[Name, ...]:
    """The operations of a type that can be taken away, in the order of the declaration."""
    declared = TYPES[type_id]
    found: dict[Name, None] = {}
    for call in declared.calls():
        found[declared.client, call.operation] = None
        if isinstance(call, FollowUp) and call.start:
            found[declared.client, call.start.operation] = None
    fallbacks = {n for names in Tree.of({type_id: declared}).fallbacks.values() for n in names}
    return tuple(name for name in found if name not in fallbacks)


BEFORE_ACCOUNTS = ("sts", "get_caller_identity")
"""Without it nobody knows whose credentials these are: nothing is collected (test_accounts)."""


def cases() -> list[tuple[str, Name, str]]:
    found = []
    for number, type_id in enumerate(TYPES):
        for name in attacked(type_id):
            if name != BEFORE_ACCOUNTS:
                found += [(type_id, name, forms[number % len(forms)]) for forms in KINDS.values()]
    return found


def in_group(type_id: str) -> pytest.MarkDecorator:
    """Two workers share the long matrix; all cases of a type go to one, which knows its whole."""
    return pytest.mark.xdist_group(f"matrix-{list(TYPES).index(type_id) % 4}")


CASES = cases()
IDS = {case: f"{case[0]}-{case[1][1]}-{case[2]}" for case in CASES}
SAMPLE_OF_TYPES = random_.sample(list(TYPES), SHORT_TYPES)
# Every fault occurs in the sample, on calls drawn anew in each run.
SAMPLE = [
    random_.choice([case for case in CASES if case[2] == effect])
    for effect in [*FAULTS, *random_.choices(list(FAULTS), k=SHORT_FAULTS - len(FAULTS))]
]


@pytest.fixture(scope="module")
def server() -> Iterator[WireProcess]:
    with WireProcess(world={"items": 2, "elements": 2}) as process:
        yield process


@pytest.fixture(autouse=True)
def quiet(server: WireProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(server.url, ACCOUNT).items():
        monkeypatch.setenv(name, value)
    server.faults()
    server.set(
        page_size=1000, items=2, elements=2, accounts=(ACCOUNT,), regions=(REGION, "us-east-1")
    )
    server.forget()


def request(type_id: str, folder: Path, patience: Patience = HURRIED) -> CollectRequest:
    return CollectRequest(
        services=(type_id,),
        regions=(REGION,),
        snapshots=folder,
        redaction_key=KEY,
        workers=4,
        patience=patience,
    )


@dataclass(frozen=True)
class Whole:
    """A collection with every call answered."""

    rows: dict[Name, LedgerRow]
    contents: dict[str, bytes]
    asked: tuple[Asked, ...]


_WHOLE: dict[str, Whole] = {}


def whole(type_id: str, server: WireProcess, folder: Path) -> Whole:
    """The unbroken collection of a type; made once."""
    if type_id not in _WHOLE:
        server.faults()
        server.forget()
        result = collect(request(type_id, folder / "whole"))
        asked = tuple(server.asked())
        assert not server.strange(), server.strange()
        snapshot = Snapshot.open(result.path)
        _WHOLE[type_id] = Whole(rows_by_name(snapshot.ledger), contents(result.path), asked)
    return _WHOLE[type_id]


# --- every call answered -----------------------------------------------------------------------


def everything_is_accounted_for(type_id: str, server: WireProcess, folder: Path) -> None:
    held = whole(type_id, server, folder)
    bad = {name: row for name, row in held.rows.items() if row.status is not Status.OK}
    assert not bad, f"{type_id}: not every call got its answer: {bad}"
    tree = Tree.of(collected_with(type_id))
    asked = Counter[Name]()
    for row in held.asked:
        name = (row.client, row.operation)
        asked[name] += 1
        again = name in tree.starts or any(name in names for names in tree.starts.values())
        assert row.count == 1 or again, f"{type_id}: asked {row.count} times: {row}"
    fallbacks = {name for names in tree.fallbacks.values() for name in names}
    declared = {
        (held_type.client, call.operation)
        for held_type in collected_with(type_id).values()
        for call in held_type.calls()
    }
    missing = declared - fallbacks - set(asked)
    assert not missing, f"{type_id}: never asked: {missing}"
    extra = set(asked) - declared - set(tree.starts) - BEFORE_ALL
    assert not extra, f"{type_id}: asked although not declared: {extra}"
    for name, row in held.rows.items():
        assert row.calls == asked[name], f"{type_id}: {name} has {row.calls} calls in the ledger"


def pages_change_nothing(type_id: str, server: WireProcess, folder: Path) -> None:
    held = whole(type_id, server, folder)
    server.set(page_size=1)
    server.forget()
    paged = collect(request(type_id, folder / "paged"))
    assert contents(paged.path) == held.contents
    repeated = [row for row in server.asked() if row.count > 1]
    tree = Tree.of(collected_with(type_id))
    slow = {*tree.starts, *(name for names in tree.starts.values() for name in names)}
    assert not [row for row in repeated if (row.client, row.operation) not in slow]


def an_empty_account_is_asked_no_follow_up(type_id: str, server: WireProcess, folder: Path) -> None:
    server.set(items=0, elements=0)
    result = collect(request(type_id, folder / "empty"))
    tree = Tree.of(collected_with(type_id))
    rows = rows_by_name(Snapshot.open(result.path).ledger)
    lists = {name for name, sources in tree.sources.items() if None in sources}
    # Accounts and regions are there in an empty world too, and what is asked about them.
    lists |= {name for estate in ANSWERED for name in tree.lost_with(estate)}
    asked = {(row.client, row.operation) for row in server.asked()}
    assert asked <= lists | BEFORE_ALL | set(tree.starts), asked - lists
    wrong = {n: r for n, r in rows.items() if r.status not in (Status.OK, Status.EMPTY)}
    assert not wrong
    beside = set(rows) - lists - BEFORE_ALL - set(tree.starts)
    assert {rows[name].status for name in beside} <= {Status.EMPTY}


WHOLE_CHECKS = (
    everything_is_accounted_for,
    pages_change_nothing,
    an_empty_account_is_asked_no_follow_up,
)


@pytest.mark.parametrize("type_id", SAMPLE_OF_TYPES)
@pytest.mark.parametrize("check", WHOLE_CHECKS, ids=lambda check: check.__name__)
def test_a_whole_collection(
    check: object, type_id: str, server: WireProcess, tmp_path: Path
) -> None:
    assert callable(check)
    check(type_id, server, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("type_id", [pytest.param(t, marks=in_group(t)) for t in TYPES])
@pytest.mark.parametrize("check", WHOLE_CHECKS, ids=lambda check: check.__name__)
def test_a_whole_collection_of_every_type(
    check: object, type_id: str, server: WireProcess, tmp_path: Path
) -> None:
    assert callable(check)
    check(type_id, server, tmp_path)


# --- one call taken away -----------------------------------------------------------------------


def expected_status(types: dict[str, ResourceType], name: Name, effect: str) -> Status:
    """How the row ends: the effect's own status, or what a declaration says of its code."""
    operation = service(name[0]).method(name[1])
    if effect in ("garbage", "truncated", "unknown_shape", "wrong_type"):
        return Status.OK if is_text(operation.model, effect) else Status.ERROR
    calls = [
        call
        for declared in types.values()
        if declared.client == name[0]
        for call in declared.calls()
        if call.operation == name[1]
    ]
    needed = is_policy(operation.model) or is_batch(calls) or is_started_first(types, name)
    if effect == "empty" and needed:
        return Status.ERROR
    if effect not in ("denied", "not_supported", "throttled", "region_off"):
        return FAULTS[effect]
    asked = Request(ACCOUNT, REGION, access_key_of(ACCOUNT), operation)
    error = error_of(fault_of(name, effect), asked)
    for call in calls:
        for status, codes in (
            (Status.NOT_SUPPORTED, call.not_supported),
            (Status.ABSENT, call.absent),
            (Status.NOT_ENABLED, call.not_enabled),
        ):
            for code, _, words in (listed.partition(":") for listed in codes):
                if code == error.code and words in error.message:
                    return status
    return FAULTS[effect]


def is_policy(model: Any) -> bool:
    """Whether the answer's body is one policy: never empty, and JSON."""
    shape = model.output_shape
    return shape is not None and shape.serialization.get("payload") == "Policy"


def is_batch(calls: list[Call]) -> bool:
    """Whether the operation describes listed items: each has to be in the answer."""
    return any(isinstance(call, FollowUp) and call.batch for call in calls)


def is_started_first(types: dict[str, ResourceType], name: Name) -> bool:
    """Whether the operation's answer says what another is asked for."""
    starts = [
        call.start
        for declared in types.values()
        if declared.client == name[0]
        for call in declared.calls()
        if isinstance(call, FollowUp) and call.start is not None
    ]
    return name[1] in {start.operation for start in starts if start.first}


def is_text(model: Any, effect: str) -> bool:
    """Whether the answer's body is nothing, or a text or bytes of no form: then nothing tells
    garbage from it, and where there is no body nothing can be cut off."""
    shape = model.output_shape
    if shape is None:
        return True
    payload = shape.serialization.get("payload")
    if payload:
        of_no_form = shape.members[payload].type_name in ("string", "blob")
        return of_no_form and effect != "truncated" and not is_policy(model)
    return all(member.serialization.get("location") for member in shape.members.values())


def fault_of(name: Name, effect: str) -> Fault:
    return Fault(effect=effect, client=name[0], operation=name[1], seconds=0.05)


def is_started_at_need(type_id: str, name: Name) -> bool:
    """Whether an operation starts what another asks for, and only where that is not there."""
    starts = [
        call.start
        for declared in collected_with(type_id).values()
        for call in declared.calls()
        if isinstance(call, FollowUp) and call.start is not None
    ]
    return name[1] in {start.operation for start in starts if not start.first}


def what_is_taken_is_named(case: tuple[str, Name, str], server: WireProcess, folder: Path) -> None:
    type_id, name, effect = case
    held = whole(type_id, server, folder)
    server.forget()
    server.faults(fault_of(name, effect))
    wanted = request(type_id, folder / "taken", IMPATIENT if effect == "hang" else HURRIED)
    if effect == "expired" and not is_started_at_need(type_id, name):
        keeps_and_continues(wanted, held, server)
        return
    result = collect(wanted)
    assert not server.strange(), server.strange()
    rows = rows_by_name(Snapshot.open(result.path).ledger)
    if effect == "latency":
        assert contents(result.path) == held.contents
        return
    if name not in {(row.client, row.operation) for row in server.asked()}:
        # What only starts a report is not called again while the report is there.
        assert is_started_at_need(type_id, name)
        assert rows == held.rows
        return
    compare(collected_with(type_id), name, effect, held.rows, rows)


def compare(
    types: dict[str, ResourceType],
    name: Name,
    effect: str,
    before: dict[Name, LedgerRow],
    rows: dict[Name, LedgerRow],
) -> None:
    """Rows of one account and place, with what they were before the operation was taken away."""
    tree = Tree.of(types)
    status = expected_status(types, name, effect)
    # What only starts another call shows in the row of the other.
    shown = {name} & set(rows) | tree.starts.get(name, set())
    lost: set[Name] = set()
    starved: set[Name] = set()
    weakened: set[Name] = set()
    for each in shown:
        lost |= tree.lost_with(each)
        starved |= tree.starved_by(each)
        weakened |= tree.weakened_by(each)
    for each, row in rows.items():
        if each in shown:
            assert is_named(row, status, effect), f"{each} should be {status}: {row}"
        elif each in tree.fallbacks.get(name, set()):
            continue
        elif each in starved:
            assert (row.status, row.calls) == (Status.NOT_ATTEMPTED, 0), row
        elif each in lost:
            assert (row.status, row.calls) == (status_of_lost(status), 0), row
        elif each in weakened:
            assert row.status in (Status.OK, Status.EMPTY), row
        elif each == name:
            continue
        elif effect == "hang" and row.status is Status.UNREACHABLE:
            # An endpoint that did not answer three times in a row is asked no more.
            assert each[0] == name[0]
        else:
            assert row == before[each], f"{each} was not taken away"
    assert set(before) <= set(rows)


def is_named(row: LedgerRow, status: Status, effect: str) -> bool:
    if row.status is status:
        return True
    if effect == "empty" and status is Status.EMPTY:
        # An answer without members still may have a header, or be what a list's item lacks.
        return row.status in (Status.OK, Status.ABSENT)
    return effect == "truncated" and row.status is Status.UNREACHABLE


def keeps_and_continues(wanted: CollectRequest, held: Whole, server: WireProcess) -> None:
    with pytest.raises(CollectError) as caught:
        collect(wanted)
    assert caught.value.exit_code == 1
    assert "expired" in str(caught.value)
    server.faults()
    if caught.value.path is None:
        assert not wanted.snapshots.exists(), "it ended before there was anything to keep"
        return
    resumed = collect(wanted)
    assert resumed.path == caught.value.path
    assert resumed.resumed
    assert contents(resumed.path) == held.contents


@pytest.mark.parametrize("case", SAMPLE, ids=[IDS[case] for case in SAMPLE])
def test_what_is_taken_away_is_named(
    case: tuple[str, Name, str], server: WireProcess, tmp_path: Path
) -> None:
    what_is_taken_is_named(case, server, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=in_group(case[0]), id=IDS[case]) for case in CASES]
)
def test_whatever_is_taken_away_is_named(
    case: tuple[str, Name, str], server: WireProcess, tmp_path: Path
) -> None:
    what_is_taken_is_named(case, server, tmp_path)


# --- the whole organisation --------------------------------------------------------------------

ORGANISATION = ("111122223333", "444455556666", "777788889999")
PLACES = ("eu-west-1", "us-east-1", "ap-south-1")
TAKEN_AT_ONCE = 6


def organisation(type_ids: tuple[str, ...], folder: Path) -> CollectRequest:
    return replace(
        request("", folder),
        services=type_ids,
        organisation=True,
        role_names=("audit",),
        regions=PLACES,
        workers=8,
        processes=1,
    )


def by_place(snapshot: Snapshot) -> dict[tuple[str, str], dict[Name, LedgerRow]]:
    found: dict[tuple[str, str], list[LedgerRow]] = {}
    for row in snapshot.ledger:
        found.setdefault((row.account_id, row.region), []).append(row)
    return {place: rows_by_name(rows) for place, rows in found.items()}


def only_what_is_taken_changes(
    type_ids: tuple[str, ...], server: WireProcess, folder: Path
) -> None:
    """Take several operations away, each from one account and region."""
    server.set(accounts=ORGANISATION, regions=PLACES)
    before = by_place(Snapshot.open(collect(organisation(type_ids, folder / "whole")).path))
    assert not server.strange(), server.strange()
    assert {row.status for rows in before.values() for row in rows.values()} <= {
        Status.OK,
        Status.EMPTY,
    }
    taken = drawn_attacks(type_ids, before)
    server.faults(
        *(
            replace(fault_of(name, effect), account=account, region=region)
            for (account, region), (name, effect) in taken.items()
        )
    )
    result = collect(organisation(type_ids, folder / "taken"))
    after = by_place(Snapshot.open(result.path))
    assert set(after) == set(before)
    for place, rows in after.items():
        if place not in taken:
            assert rows == before[place], f"nothing was taken away in {place}"
            continue
        name, effect = taken[place]
        declared = {t: d for type_id in type_ids for t, d in collected_with(type_id).items()}
        compare(declared, name, effect, before[place], rows)


def drawn_attacks(
    type_ids: tuple[str, ...], before: dict[tuple[str, str], dict[Name, LedgerRow]]
) -> dict[tuple[str, str], tuple[Name, str]]:
    """One operation in each of some regional places: a global one is asked through a region."""
    places = [place for place in sorted(before) if place[1] != "global" and before[place]]
    of_types = {name for type_id in type_ids for name in attacked(type_id)}
    found = {}
    for place in random_.sample(places, min(TAKEN_AT_ONCE, len(places))):
        names = sorted(
            name
            for name, row in before[place].items()
            if row.calls and name in of_types and ("", name) not in GLOBAL_TOO
        )
        if names:
            effect = random_.choice(("denied", "throttled", "not_supported", "garbage", "empty"))
            found[place] = (random_.choice(names), effect)
    return found


GLOBAL_TOO = {
    ("", (declared.client, call.operation))
    for declared in TYPES.values()
    if "region" not in declared.scope
    for call in declared.calls()
}
"""Operations of global types: asked in a region's name too, but filed under ``global``."""
REGIONAL = [type_id for type_id, declared in TYPES.items() if declared.scope == "regional"]


def test_an_organisation(server: WireProcess, tmp_path: Path) -> None:
    only_what_is_taken_changes(tuple(random_.sample(REGIONAL, 8)), server, tmp_path)


@pytest.mark.long
def test_an_organisation_with_everything(server: WireProcess, tmp_path: Path) -> None:
    whole_world = tuple(t for t, declared in TYPES.items() if not declared.opt_in)
    only_what_is_taken_changes(whole_world, server, tmp_path)


# --- a great many items ------------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[3]]
from collector.collect import collect
from collector.request import CollectRequest
result = collect(CollectRequest(services=(sys.argv[1],), regions=("eu-west-1",), workers=4,
                                snapshots=Path(sys.argv[2]), redaction_key=b"0" * 32))
status = Path("/proc/self/status").read_text().splitlines()
print(result.items, next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    ("type_id", "operation", "few", "many"),
    [
        ("ec2:network-interface", "ec2.describe_network_interfaces", 2_000, 100_000),
        ("sns:topic", "sns.list_topics", 300, 3_000),
    ],
)
def test_memory_does_not_grow_with_the_items(
    server: WireProcess, tmp_path: Path, type_id: str, operation: str, few: int, many: int
) -> None:
    """One type without follow-ups, and one with them."""
    peaks = []
    for number in (few, many):
        server.set(counts={operation: number}, elements=1)
        command = [sys.executable, "-c", CHILD, type_id, str(tmp_path / str(number)), ROOT]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        items, peak = done.stdout.split()
        assert int(items) == number
        peaks.append(int(peak) / 1024)
    server.set(counts={})
    assert peaks[1] - peaks[0] < 64, f"{few} items: {peaks[0]:.0f} MiB, {many}: {peaks[1]:.0f}"


# --- names that are no names -------------------------------------------------------------------


def test_control_characters_in_names_stay_in_the_snapshot_and_off_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "alias/\x1b[31mred\x00\u202e\nnext"
    folder = tmp_path / "raw" / ACCOUNT / REGION
    folder.mkdir(parents=True)
    alias = {"AliasName": name, "AliasArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:{name}"}
    (folder / "kms.list_aliases.json").write_text(json.dumps({"Aliases": [alias]}))
    refusal = {"Error": {"Code": "AccessDeniedException", "Message": name}}
    (folder / "kms.list_keys.json").write_text(json.dumps(refusal))
    with WireProcess(recorded=str(tmp_path / "raw")) as own:
        monkeypatch.setenv("AWS_ENDPOINT_URL", own.url)
        wanted = replace(request("kms:alias", tmp_path / "snapshots"), services=("kms",))
        result = collect(wanted)
    snapshot = Snapshot.open(result.path)
    (held,) = snapshot.items("kms:alias")
    assert held.item["AliasName"] == name
    for path in result.path.rglob("*.jsonl"):
        text = path.read_text()
        assert "\x1b" not in text
        assert "\x00" not in text
        assert all(json.loads(line) for line in text.splitlines())
    assert run(["coverage", "--missing", "--snapshot", str(result.path)]) == 0
    shown = capsys.readouterr().out
    assert "list_keys" in shown
    assert "\x1b" not in shown
    assert "\x00" not in shown
