"""``mapper explain`` of rows of ``trusts --accounts``: each link with its own proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from graph.derive import Derivation
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Answer, Verdict
from mapper.config import Config
from mapper.explaining import Explanation, explain
from mapper.explaining_links import account_rows
from mapper.output.proof import FACTS, proof_text
from mapper.session import Session, open_session
from queries.answers.row import Row
from tests.queries import organisation as org


def assumes(start: str, end: str) -> tuple[Relationship, Judgement]:
    text = f"{start} may assume {end}."
    answer = Answer(Verdict.YES, why=text, evidence=(text,))
    made = org.walked("CAN_ASSUME", start, end, "sts:AssumeRole", "yes")
    return made, Judgement("assume", start, end, "sts:AssumeRole", answer)


@pytest.fixture
def session(place) -> Iterator[Session]:
    with open_session(place.snapshot, Config(), target=str(place.graph)) as opened:
        yield opened


def row_of(session: Session, start: str, end: str, kind: str) -> Row:
    ends = (f"account:{start}", f"account:{end}", kind)
    rows = account_rows(session)
    return next(one for one in rows if (one.own["from"], one.own["to"], one.own["kind"]) == ends)


def explained(session: Session, row: Row, *pairs: tuple[str, str]) -> Explanation:
    """The proof of a row where these callers may assume these roles, and nothing else."""
    made = [assumes(*pair) for pair in pairs]
    relationships, judgements = [one for one, _ in made], tuple(one for _, one in made)
    derivation = Derivation(tuple(org.nodes()), tuple(relationships), judgements, ())
    return explain(session, derivation, [row.key[:8]])


def test_the_key_of_a_row_gives_each_link_behind_it(session: Session) -> None:
    row = row_of(session, org.PROD, org.SEC, "trust")
    pair, beside = (org.WEB_ROLE, org.SEC_ADMIN), (org.WEB_ROLE, org.DAVE)
    found = explained(session, row, pair, beside)
    assert found.row == row
    assert [(one.source, one.target) for one in found.judgements] == [pair]
    assert found.facts[0].startswith(f"yes: {org.SEC_ADMIN}: ")
    text = proof_text(found, colour=False, whole=True)
    assert f"{row.key[:8]}: trust that prod has of security, yes 1" in text
    assert f"{org.WEB_ROLE} may assume {org.SEC_ADMIN}." in text


def test_the_other_kinds_between_the_same_accounts_are_named_with_their_keys(
    session: Session,
) -> None:
    trust = row_of(session, org.NOBODY, org.PROD, "trust")
    data = row_of(session, org.NOBODY, org.PROD, "data")
    assert f"data {data.key[:8]} (yes 1)" in explained(session, trust).facts[-1]
    alone = row_of(session, org.PROD, org.SEC, "trust")
    assert explained(session, alone).facts == ()


def test_a_long_list_of_links_is_cut_for_a_reader_and_not_with_v(session: Session) -> None:
    row = row_of(session, org.PROD, org.SEC, "trust")
    found = replace(explained(session, row), facts=tuple(f"fact {n}" for n in range(FACTS + 3)))
    assert "3 more: -v." in proof_text(found, colour=False, whole=False)
    assert f"fact {FACTS + 2}" not in proof_text(found, colour=False, whole=False)
    assert f"fact {FACTS + 2}" in proof_text(found, colour=False, whole=True)


def test_the_table_has_keys_that_explain_takes(ask) -> None:
    shown = ask("trusts", "--accounts").out
    rows = ask("trusts", "--accounts", "--format", "json").json["rows"]
    keys = {row["key"][:8] for row in rows}
    lines = shown.split("Management")[1].splitlines()[2:]
    listed = [
        line.split()[0] for line in lines[: next(n for n, one in enumerate(lines) if not one)]
    ]
    assert listed
    assert set(listed) <= keys
