"""docs/schema.md is what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.schema.declare import NodeType, Property
from graph.schema.document import PATH, document, main
from graph.schema.registry import REGISTRY, Registry


def test_the_page_is_not_stale() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), (
        "docs/schema.md is stale. Write it with: python -m graph.schema.document"
    )


def test_check_tells_a_stale_page_from_a_fresh_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "schema.md"
    assert main(["--check", "-o", str(page)]) == 1
    assert "is stale" in capsys.readouterr().err
    assert main(["-o", str(page)]) == 0
    assert main(["--check", "-o", str(page)]) == 0
    page.write_text(page.read_text(encoding="utf-8") + "x", encoding="utf-8")
    assert main(["--check", "-o", str(page)]) == 1


def test_a_new_declaration_alone_changes_the_page() -> None:
    thing = NodeType(
        snapshot_type="x:thing",
        label="Thing",
        resource_type="AWS::X::Thing",
        category="data",
        description="A thing.",
        properties=(Property("colour", "Colour", "Its colour."),),
    )
    page = document(Registry((*REGISTRY.declarations, thing)))
    assert "### Thing" in page
    assert "| `colour` | Its colour. |" in page
    assert "### Thing" not in document()


def test_every_label_property_and_relationship_stands_on_the_page() -> None:
    page = document()
    for node_type in REGISTRY.node_types:
        section = page.split(f"### {node_type.label}\n")[1].split("\n## ")[0].split("\n### ")[0]
        for prop in REGISTRY.label_properties(node_type.label):
            assert f"| `{prop.name}` | {prop.description} |" in section
        for link in node_type.links:
            assert f"`{link.type}`" in page
    assert "| `CAN_REACH` |" in page


def test_every_table_row_has_as_many_cells_as_its_head() -> None:
    width = 0
    for row in document().split("\n"):
        if not row.startswith("|"):
            width = 0
            continue
        cells = row.count("|")
        assert width in (0, cells), row
        width = cells
