"""Commands that derive: on a snapshot alone, without a graph that was made before."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from collector.request import CollectResult, LeftOut
from mapper import api
from mapper.collecting import result_notes, result_row
from mapper.config import Config
from mapper.output.envelope import as_json, envelope
from mapper.playing import only_environment
from tests.cli.conftest import SNAPSHOT_ID
from tests.cli.test_answers import VALIDATOR
from tests.queries import organisation as org


def test_the_embedded_graph_is_built_once_and_kept(place, mapper) -> None:
    first = mapper("query", "accounts", "--format", "json")
    assert {row["name"] for row in first.json["rows"]} == {"prod", "dev", "security"}
    assert "Deriving" in first.err
    (graph,) = (place.folder / "cache" / "graphs").glob("*.kgl")
    assert SNAPSHOT_ID in graph.name
    second = mapper("query", "accounts", "--format", "json")
    assert second.out == first.out
    assert "Deriving" not in second.err


def test_a_broken_graph_in_the_cache_is_built_again(place, mapper) -> None:
    mapper("query", "accounts")
    (graph,) = (place.folder / "cache" / "graphs").glob("*.kgl")
    graph.write_bytes(b"broken")
    outcome = mapper("query", "accounts", "--format", "json")
    assert outcome.code == 0
    assert "building it again" in outcome.err
    assert len(outcome.json["rows"]) == 3


def test_a_change_gives_a_graph_of_its_own(place, mapper) -> None:
    line = {"id": f"account:{org.NOBODY}", "item": {"Id": org.NOBODY, "Name": "lab"}, "calls": {}}
    file = f"accounts/{org.SEC}/global/org/account.jsonl"
    change = [{"op": "add", "file": file, "id": line["id"], "line": line}]
    (place.folder / "change.json").write_text(json.dumps(change))
    with_it = mapper("query", "accounts", "--what-if", "change.json", "--format", "json")
    without = mapper("query", "accounts", "--format", "json")
    names = [{row["name"] for row in outcome.json["rows"]} for outcome in (with_it, without)]
    assert names[0] - names[1] == {"lab"}


def test_load_and_explain_are_as_the_schema_says(place, mapper) -> None:
    loaded = mapper("load", "--format", "json")
    assert loaded.code == 0, loaded.err
    VALIDATOR.validate(loaded.json)
    assert loaded.json["rows"][0]["nodes"] >= 3
    explained = mapper("explain", "prod", "--format", "json")
    assert explained.code == 0, explained.err
    VALIDATOR.validate(explained.json)


def test_loading_into_a_file_and_asking_it(place, mapper) -> None:
    assert mapper("load", "--graph", "own.kgl").code == 0
    outcome = mapper("query", "accounts", "--graph", "own.kgl", "--format", "json")
    assert len(outcome.json["rows"]) == 3


def test_a_collection_is_as_the_schema_says(place) -> None:
    result = CollectResult(
        path=place.snapshot,
        id=SNAPSHOT_ID,
        accounts=(org.PROD,),
        left_out=(LeftOut(org.DEV, "dev", "AccessDenied on sts:AssumeRole", asked=True),),
        regions=("eu-west-1",),
        calls=12,
    )
    VALIDATOR.validate(json.loads(as_json(envelope("collect", {}, None, [result_row(result)]))))
    assert result.exit_code == 4
    notes = " ".join(result_notes(result, Config(accounts={org.DEV: "lab"})))
    assert "Nothing from lab 222222222222: AccessDenied" in notes
    assert "stayed unseen" not in notes


def test_the_library_gives_frames(place) -> None:
    with api.open(place.snapshot, graph=str(place.graph)) as world:
        assert world.accounts == (org.PROD, org.DEV, org.SEC)
        assert len(world.query("peerings", cross_account=True)) == 1
        assert list(world.cypher("MATCH (n:SNSTopic) RETURN n.id AS id")["id"]) == [org.TOPIC]
        frame = world.frame(world.public(types="bucket"))
        assert list(frame["id"]) == [org.BUCKET]
        assert len(world.admins(compute=True).rows) == 2
        with pytest.raises(TypeError, match="no filter 'colour'"):
            world.public(colour="red")


def test_the_demo_puts_the_users_aws_settings_out_of_sight_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with only_environment({"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}):
        seen = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        assert seen == {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert os.environ["AWS_PROFILE"] == "production"
    assert os.environ["AWS_REGION"] == "eu-west-1"
    assert "AWS_ENDPOINT_URL" not in os.environ


def test_a_demo_that_cannot_write_says_so(tmp_path: Path, mapper) -> None:
    (tmp_path / "file").write_text("")
    outcome = mapper("demo", tmp_path / "file" / "below")
    assert outcome.code in (1, 2)
    assert "Traceback" not in outcome.err
    assert "file" in outcome.err
