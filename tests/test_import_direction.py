"""Imports run one way: collector < graph < queries < viz < mapper."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("collector", "graph", "queries", "viz", "mapper")
PURE = ("graph/iam", "graph/network")
PURE_MAY_IMPORT = ("graph.verdict", "graph.evidence", "graph.iam", "graph.network")


def imported(source: str) -> set[str]:
    """Dotted names of every module that a source text imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


def backward(package: str, source: str) -> set[str]:
    """The imports of a later stage by an earlier one."""
    later = ORDER[ORDER.index(package) + 1 :]
    return {name for name in imported(source) if name.split(".")[0] in later}


@pytest.mark.parametrize("package", ORDER)
def test_no_stage_imports_a_later_one(package: str) -> None:
    offenders = {
        str(path.relative_to(ROOT)): found
        for path in (ROOT / package).rglob("*.py")
        if (found := backward(package, path.read_text(encoding="utf-8")))
    }
    assert offenders == {}


def test_the_check_sees_a_backward_import() -> None:
    assert backward("graph", "def f():\n    from mapper.cli import main") == {"mapper.cli"}
    assert backward("mapper", "import graph.verdict") == set()


@pytest.mark.parametrize("package", ["graph", "queries", "viz"])
def test_nothing_after_the_collector_knows_aws(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        roots = {name.split(".")[0] for name in imported(path.read_text(encoding="utf-8"))}
        assert not roots & {"boto3", "botocore", "moto"}, path


@pytest.mark.parametrize("engine", PURE)
def test_the_engines_are_pure(engine: str) -> None:
    """Only an engine's ``from_snapshot`` modules know what a snapshot is."""
    ours = set(ORDER)
    for path in (ROOT / engine).rglob("*.py"):
        if "from_snapshot" in path.stem:
            continue
        for name in imported(path.read_text(encoding="utf-8")):
            if name.split(".")[0] in ours:
                assert name.startswith(PURE_MAY_IMPORT), f"{path}: {name}"
            assert name.split(".")[0] not in {"kglite", "neo4j", "pandas"}, f"{path}: {name}"


def test_reading_a_snapshot_needs_no_aws_library() -> None:
    for name in ("reader", "ledger", "overlay"):
        source = (ROOT / "collector" / "snapshot" / f"{name}.py").read_text(encoding="utf-8")
        assert not {n.split(".")[0] for n in imported(source)} & {"boto3", "botocore"}
