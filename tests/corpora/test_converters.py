"""The converters: no label gets into what they write, and nothing is left out silently."""

import copy

import pytest

from collector.services import operations
from tests.corpora import accounts_and_resources as converter
from tests.corpora import files
from tests.corpora.files import needs_corpora

pytestmark = needs_corpora

LABELLED = [*files.names("iam-vulnerable"), *files.names("pathfinding-labs")]


def written(held, root):
    converter.convert(files.data_part(held), root)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*.json"))
    }


def turned_round(held):
    """The same file with every label turned into its opposite."""
    other = copy.deepcopy(held)
    expected = other["expected"]
    if "can_escalate" in expected:
        swapped = expected["cannot_escalate"], expected["can_escalate"]
        expected["can_escalate"], expected["cannot_escalate"] = swapped
    for node in expected.get("nodes", ()):
        node["isAdmin"] = not node.get("isAdmin")
    expected["required"] = []
    return other | {"technique": "none", "title": "nothing to see", "target": ""}


@pytest.mark.parametrize("name", LABELLED)
def test_labels_change_no_byte_of_what_is_written(name, tmp_path):
    held = files.read(name)
    other = turned_round(held)
    assert other["expected"] != held["expected"]
    assert written(other, tmp_path / "other") == written(held, tmp_path / "as it is")


def test_data_do_change_what_is_written(tmp_path):
    held = files.read(LABELLED[0])
    other = copy.deepcopy(held)
    (details,) = other["accounts"].values()
    details["UserDetailList"].pop()
    assert written(other, tmp_path / "other") != written(held, tmp_path / "as it is")


def test_a_converter_refuses_a_file_with_its_labels(tmp_path):
    with pytest.raises(ValueError, match="only"):
        converter.convert(files.read(LABELLED[0]), tmp_path)


@pytest.mark.parametrize("name", LABELLED)
def test_what_was_left_out_is_explained(name, corpus):
    assert converter.explained(corpus(name).left_out) == set()


def test_resources_that_could_be_converted_are():
    """When a declaration comes for one of these, it is to be converted too."""
    declared = {kind for kind, call in converter.NO_DECLARATION.items() if call in operations()}
    assert declared == set()


@pytest.mark.parametrize("name", LABELLED)
def test_every_recorded_call_is_used(name, corpus):
    assert corpus(name).result.warnings == ()
