"""Everything that a derivation emits stands in ``docs/schema.md``."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivation.organisation import organisation
from graph.derive import Derivation, derive
from graph.schema.derived import FACTS, GROUPS, OTHER_LABELS, SOURCES, VERDICT_PROPERTIES, WALKED
from graph.schema.document import COMMON_PROPERTIES
from graph.schema.registry import REGISTRY
from tests.schema import aws_lines

WALKED_TYPES = {found.type: found for found in WALKED}
DERIVED_LABELS = {found.label: found for found in (*SOURCES, *GROUPS, *OTHER_LABELS)}


@pytest.fixture(scope="module", params=["reached and trusted", "every type"])
def derivation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Derivation:
    folder = tmp_path_factory.mktemp("snapshot")
    if request.param == "every type":
        return derive(aws_lines.write(folder, aws_lines.organisation()))
    return organisation().derive(folder)


def test_labels_and_their_properties(derivation: Derivation) -> None:
    extra = {found.label for _, found in REGISTRY.extra_labels()}
    undeclared = set()
    for node in derivation.nodes:
        known = {name for name, _ in COMMON_PROPERTIES}
        for label in node.labels:
            if label in REGISTRY.by_label:
                known |= {found.name for found in REGISTRY.label_properties(label)}
            elif label in DERIVED_LABELS:
                known |= {name for name, _ in DERIVED_LABELS[label].properties}
            elif label not in extra:
                undeclared.add(label)
        undeclared |= {f"{node.labels[0]}.{name}" for name in node.props.keys() - known}
    assert undeclared == set()


def test_relationships_and_their_properties(derivation: Derivation) -> None:
    configured = {found.type: {name for name, _ in found.properties} for found in FACTS}
    for _, link in REGISTRY.links():
        configured.setdefault(link.type, set()).update(name for name, _ in link.properties)
    undeclared = set()
    for one in derivation.relationships:
        if one.type in WALKED_TYPES:
            known = {name for name, _ in (*VERDICT_PROPERTIES, *WALKED_TYPES[one.type].properties)}
        elif one.type in configured:
            known = configured[one.type]
        else:
            known = set()
            undeclared.add(one.type)
        undeclared |= {f"{one.type}.{name}" for name in one.props.keys() - known}
    assert undeclared == set()


def test_walked_relationships_carry_their_verdict(derivation: Derivation) -> None:
    always = {name for name, _ in VERDICT_PROPERTIES} - {"mechanism"}
    steps = [one for one in derivation.relationships if one.type in WALKED_TYPES]
    assert steps
    for one in steps:
        assert always <= one.props.keys(), one.type
        assert one.props["verdict"] in ("yes", "conditional", "dormant", "unknown")
        assert bool(one.props["conditions"]) <= (one.props["verdict"] != "yes")


def test_every_end_is_there_and_every_key_is_one_relationships(derivation: Derivation) -> None:
    ids = {node.id for node in derivation.nodes}
    assert len(ids) == len(derivation.nodes)
    lost = [one for one in derivation.relationships if not {one.start, one.end} <= ids]
    assert lost == []
    keys = [(one.type, one.start, one.end, one.key) for one in derivation.relationships]
    assert len(keys) == len(set(keys))
    assert keys == sorted(keys)
    assert [node.id for node in derivation.nodes] == sorted(ids)


def test_the_rich_organisation_has_every_kind_of_step(tmp_path: Path) -> None:
    """So that the comparison of the stores compares something."""
    found = {one.type for one in organisation().derive(tmp_path).relationships}
    assert WALKED_TYPES.keys() <= found
