"""``mapper paths`` and ``mapper blast`` from the command line."""

from __future__ import annotations

import csv
import io

import pytest


def test_the_paths_are_a_table_with_each_step_in_words(ask) -> None:
    outcome = ask("paths")
    assert outcome.code == 0
    assert "Attack paths" in outcome.out
    assert "assumes" in outcome.out


def test_only_the_best_are_told_and_how_many_there_are_besides(ask) -> None:
    ends = ("--from", "source", "--to", "iamrole")
    whole = ask("paths", *ends, "--format", "json").json
    assert len(whole["rows"]) > 1
    few = ask("paths", *ends, "-k", "1", "--format", "json")
    assert len(few.json["rows"]) == 1
    assert few.json["totals"]["left_out"] == len(whole["rows"]) - 1
    assert "beyond -k" in ask("paths", *ends, "-k", "1").out


@pytest.mark.parametrize("command", [("paths", "--from"), ("paths", "--to"), ("blast",)])
def test_a_name_that_nothing_has_is_wrong_usage_with_the_nearest(ask, command) -> None:
    outcome = ask(*command, "nobody-of-that-name")
    assert outcome.code == 2
    assert "nothing called 'nobody-of-that-name'" in outcome.err
    assert outcome.out == ""


def test_what_leads_nowhere_says_so(ask) -> None:
    reached = [row["id"] for row in ask("blast", "internet", "--format", "json").json["rows"]]
    ends = [one for one in reached if not ask("blast", one, "--format", "json").json["rows"]]
    outcome = ask("paths", "--from", ends[0])
    assert outcome.code == 0
    assert "0 rows" in outcome.out
    assert "leads nowhere" in " ".join(outcome.out.split())


def test_blast_lists_classes_with_the_way_to_each(ask) -> None:
    found = ask("blast", "internet", "--format", "json").json["rows"]
    assert {"admin", "principal"} <= {row["class"] for row in found}
    assert all(row["path"][-1]["id"] == row["id"] for row in found)
    assert "What follows from control of it" in ask("blast", "internet").out


def test_csv_and_markdown_have_the_same_rows(ask) -> None:
    rows = ask("blast", "internet", "--format", "json").json["rows"]
    read = list(csv.DictReader(io.StringIO(ask("blast", "internet", "--format", "csv").out)))
    assert [row["key"] for row in read] == [row["key"] for row in rows]
    assert "| Key |" in ask("blast", "internet", "--format", "md").out


def test_toxic_combinations_are_ranked_with_their_reasons(ask) -> None:
    found = ask("paths", "--toxic", "--format", "json").json["rows"]
    scores = [row["score"] for row in found]
    assert scores == sorted(scores, reverse=True)
    assert all(len(row["parts"]) == 5 for row in found)
    whole = " ".join(ask("paths", "--toxic").out.split())
    assert ("Toxic combinations" in whole) == bool(found)
    assert ask("paths", "--toxic", "--from", "source").code == 2


def test_fail_on_counts_paths(ask) -> None:
    assert ask("paths", "--fail-on", "yes").code == 3
    assert ask("paths", "--from", "internet", "--to", "data", "--verdict", "dormant").code == 0


def test_explain_proves_a_path_by_its_key(ask) -> None:
    key = ask("paths", "--format", "json").json["rows"][0]["key"]
    outcome = ask("explain", key[:8])
    assert outcome.code == 0
    assert "admin" in outcome.out


def test_the_verdict_of_a_path_is_that_of_its_weakest_step(ask) -> None:
    strength = ("unknown", "dormant", "conditional", "yes")
    for row in ask("paths", "--to", "data", "--format", "json").json["rows"]:
        weakest = min(strength.index(hop["verdict"]) for hop in row["hops"])
        assert row["verdict"] == strength[weakest]
