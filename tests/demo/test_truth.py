"""What mapper answers of the simulated organisation against what is true of it.

The truth comes from the scenarios' declarations (``mapper.demo.world``), never from our output.
Run on the fixed placement and on a fresh one, whose seed the header of the run prints
(``MAPPER_TEST_SEED``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mapper.account_links import account_links
from mapper.demo import start_server
from mapper.demo.world.account_truth import account_links_of
from mapper.session import Session
from queries.answers.answer import Filters
from queries.answers.row import Row
from tests.demo import explained
from tests.demo.attacked import attack_difference
from tests.demo.played import Key, PlayedWorld, difference, unsettled

FRESH = int(os.environ["MAPPER_TEST_SEED"])
BATCHES = 6


FIXED = [pytest.param(None, id="fixed", marks=pytest.mark.xdist_group("truth-fixed"))]


@pytest.fixture(
    scope="module",
    # Each world is built and collected by one worker only: that is what takes the time.
    params=[
        *FIXED,
        pytest.param(FRESH, id=f"seed-{FRESH}", marks=pytest.mark.xdist_group("truth-fresh")),
    ],
)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlayedWorld]:
    """The world, built and collected once; the last test of the module flips it."""
    folder = tmp_path_factory.mktemp("played")
    before = os.environ.get("MAPPER_CACHE")
    os.environ["MAPPER_CACHE"] = str(folder / "cache")
    with start_server() as server:
        yield PlayedWorld.begin(server, folder, request.param)
    if before is None:
        del os.environ["MAPPER_CACHE"]
    else:
        os.environ["MAPPER_CACHE"] = before


@pytest.fixture(scope="module")
def session(played: PlayedWorld) -> Iterator[Session]:
    with played.session() as opened:
        yield opened


@pytest.fixture(scope="module")
def found(played: PlayedWorld) -> dict[Key, Row]:
    return played.answers()


def without_roots(rows: dict[Key, Row]) -> dict[Key, Row]:
    """Root users are no scenario: AWS makes one of each account (asked for with ``--root``)."""
    return {key: row for key, row in rows.items() if not key[1].endswith(":root")}


def test_every_row_is_true_and_every_true_row_is_there(
    played: PlayedWorld, found: dict[Key, Row]
) -> None:
    assert difference(played.truth(), without_roots(found)) == []


def test_paths_blast_and_choke_points_are_the_true_ones(
    played: PlayedWorld, session: Session
) -> None:
    """Each change is tried as well: no path is left once the world is derived with it."""
    assert attack_difference(session, played.things, verify="all") == []


def test_the_root_user_of_every_account_is_its_admin(
    played: PlayedWorld, found: dict[Key, Row]
) -> None:
    direct = {key[1] for key in found if key[0] == "admins" and key[5] == "direct"}
    roots = {f"arn:aws:iam::{account}:root" for account in played.world.accounts}
    assert roots <= direct


def test_conditions_are_of_the_kinds_that_are_true(
    played: PlayedWorld, found: dict[Key, Row]
) -> None:
    wrong = [
        (key, true.conditions, found[key].answer.conditions)
        for key, true in played.truth().items()
        if true.verdict == "conditional"
        and {text.partition(":")[0] for text in true.conditions}
        != {text.partition(":")[0] for text in found[key].answer.conditions}
    ]
    assert wrong == []


def test_ports_and_ways_are_the_true_ones(played: PlayedWorld, found: dict[Key, Row]) -> None:
    for key, true in played.truth().items():
        row = found[key]
        if true.ports:
            assert set(row.own["ports"]) == set(true.ports), key
        if true.via:
            assert set(true.via) <= set(row.own["via"]), key


def test_every_row_has_its_proof(found: dict[Key, Row]) -> None:
    assert [
        key for key, row in found.items() if not row.answer.why or not row.answer.evidence
    ] == []


def test_what_is_not_settled_yet_is_never_wrong_and_is_named(
    played: PlayedWorld, found: dict[Key, Row], session: Session
) -> None:
    """No yes for a decoy, no no for a planted thing, and what was not evaluated is named."""
    pending = unsettled(played.world)
    for row in pending:
        if row.verdict == "no":
            assert row.key not in found or found[row.key].verdict != "yes", row.key
        if row.capability == "escalation":
            named = " ".join(session.admins(Filters()).not_evaluated)
            assert "escalation" in named
            assert _explained(played, row.id) - {"no"}, f"{row.id} is called a plain no"


def _explained(played: PlayedWorld, subject: str) -> set[str]:
    """The verdicts that ``explain`` gives of a principal's way to admin."""
    from graph.derive import derive

    with played.session() as session:
        return {
            str(one.answer.verdict)
            for one in derive(session.snapshot).judgements
            if one.source == subject and one.question in ("admin", "escalate")
        }


def test_nothing_was_missed_in_the_collection(played: PlayedWorld) -> None:
    result = played.results[0]
    assert result.exit_code == 0
    assert result.gaps == ()
    assert sorted(result.accounts) == sorted(played.world.accounts)
    assert set(played.world.regions) <= set(result.regions)


@pytest.mark.parametrize("played", FIXED, indirect=True, scope="module")
def test_the_page_of_explanations_is_what_is_printed(played: PlayedWorld) -> None:
    assert explained.PAGE.read_text(encoding="utf-8") == explained.page(played.snapshot)


def test_what_accounts_have_of_each_other_is_what_was_built(
    played: PlayedWorld, session: Session
) -> None:
    """Trust and management of any account, and whatever an account outside has."""
    answer = account_links(session, Filters())
    own = {f"account:{account}" for account in played.world.accounts}
    found = {
        (row.own["from"], row.id, row.own["kind"]): str(row.verdict)
        for row in answer.rows
        if row.own["from"].startswith("account:")
        and (row.own["kind"] in ("trust", "management") or row.own["from"] not in own)
    }
    world = played.world
    listed = account_links_of(played.things, world.management, world.accounts)
    true = {(one["from"], one["to"], one["kind"]): one["verdict"] for one in listed}
    assert {kind for _, _, kind in true} == {"trust", "data", "network", "management"}
    assert found == true


def test_flipping_a_control_changes_exactly_its_rows(
    played: PlayedWorld, found: dict[Key, Row]
) -> None:
    """Every planted thing and decoy, in batches: after each, the answers are the truth again."""
    names = [thing.name for thing in played.world.things if thing.flip is not None]
    assert len(names) >= 40
    before = without_roots(found)
    for batch in (names[i::BATCHES] for i in range(BATCHES)):
        was = {key: row.verdict for key, row in played.truth().items()}
        played.flip(batch)
        now = {key: row.verdict for key, row in played.truth().items()}
        after = without_roots(played.answers())
        assert was != now
        assert difference(played.truth(), after) == []
        with played.session() as now_open:
            assert attack_difference(now_open, played.things) == []
        changed = {k for k in was.keys() | now.keys() if was.get(k) != now.get(k)}
        ours = {
            key
            for key in before.keys() | after.keys()
            if _verdict(before, key) != _verdict(after, key)
        }
        assert ours == changed
        before = after


def _verdict(rows: dict[Key, Row], key: Key) -> str:
    return str(rows[key].verdict) if key in rows else "no"


def test_the_peering_is_in_the_graph(played: PlayedWorld, session: Session) -> None:
    query = "MATCH (a)-[:PEERED_WITH]-(b) RETURN a.id AS a, b.id AS b"
    pairs = {frozenset((str(row["a"]), str(row["b"]))) for row in session.store.run(query)}
    declared = played.world.expected_json()["relationships"]
    assert {frozenset((row["from"], row["to"])) for row in declared} <= pairs


def test_files_of_the_snapshot_hold_no_secret(played: PlayedWorld) -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(played.folder / "snapshot-1").rglob("*.jsonl")
    )
    assert played.world.secret_key not in text
