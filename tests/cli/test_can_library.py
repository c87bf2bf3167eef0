"""Every example of ``docs/library.md`` runs and prints what the page says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from mapper import api
from mapper.errors import WrongUsageError
from network.aws_shapes import allow, exposed
from tests.cli import asked_world as here
from tests.cli.test_can import snapshot
from tests.cli.test_public import write

__all__ = ["snapshot"]
PAGE = Path(__file__).parents[2] / "docs" / "library.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def vpcs(snapshot, needed):
    """Two snapshots of one VPC: a machine that everybody reaches now, a database beside it."""
    made = exposed()
    made.group("sg-db", [allow("tcp/5432")])
    made.eni("eni-db", "subnet-a", ("sg-db",), private="10.0.0.40", instance="i-db")
    made.instance("i-db", ("eni-db",))
    made.block_public_access("off")
    for number in ("web", "db"):
        made.item(f"i-{number}")["Tags"] = [{"Key": "Name", "Value": f"i-{number}"}]
    old = made.twin()
    old.group("sg-web", [])
    folder = Path("snapshots")
    write(folder / "vpc-new", made, needed=needed)
    write(folder / "vpc-old", old, needed=needed)


def test_the_examples_of_the_page_run(snapshot, vpcs):
    text = PAGE.read_text()
    blocks = BLOCK.findall(text)
    assert len(blocks) == text.count("```python")
    examples = doctest.DocTestParser().get_doctest("".join(blocks), {}, "library.md", str(PAGE), 0)
    assert len(examples.examples) > 20
    told: list[str] = []
    failed, _ = doctest.DocTestRunner().run(examples, out=told.append)
    assert failed == 0, "".join(told)


def test_a_change_is_seen_through(snapshot, tmp_path):
    change = tmp_path / "change.json"
    file = f"accounts/{here.PROD}/global/s3/bucket.jsonl"
    change.write_text(f'[{{"op": "remove", "file": "{file}", "id": "{here.DATA}"}}]')
    asked = ("s3:GetObject", f"{here.DATA}/x")
    with api.open(snapshot) as world, api.open(snapshot, what_if=change) as changed:
        before = {row.own["principal"] for row in world.who_can(*asked).rows}
        after = {row.own["principal"] for row in changed.who_can(*asked).rows}
    assert f"account:{here.OUTSIDE}" in before - after


def test_words_that_mean_nothing_are_said(snapshot):
    with api.open(snapshot) as world:
        with pytest.raises(WrongUsageError, match="user/alice"):
            world.can("alise", "s3:GetObject")
        with pytest.raises(WrongUsageError, match="not collected"):
            world.what_can("anonymous")
        with pytest.raises(WrongUsageError, match="no policy"):
            world.can("alice", "s3:GetObject", session_policies=["{}"])
