"""The loader: what a query file must say, and the errors that name file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from queries.library import LibraryError, check_read_only, load_library, read_query
from queries.runner import bind, run_cypher, run_query

GOOD = """\
// title: Buckets
// answers: Which buckets there are.
// parameter account (text, default null): only this account
// column id: the bucket
// severity: info: inventory
// needs: s3:bucket
// fix: Nothing to fix.
MATCH (n:S3Bucket) WHERE $account IS NULL OR n.account_id = $account
RETURN n.id AS id
"""


def write(folder: Path, text: str, name: str = "buckets.cypher") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    query = read_query(write(tmp_path, GOOD))
    assert query.name == "buckets"
    assert query.columns == {"id": "the bucket"}
    assert query.needs == ("s3:bucket",)
    (parameter,) = query.parameters
    assert (parameter.name, parameter.required, parameter.default) == ("account", False, None)
    assert query.text.startswith("MATCH")


def test_an_entry_goes_on_over_lines(tmp_path: Path) -> None:
    text = GOOD.replace("there are.", "there are,\n//    in every account.")
    assert read_query(write(tmp_path, text)).answers == (
        "Which buckets there are, in every account."
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("// title: Buckets\n", "", 1, "lacks title"),
        ("// fix: Nothing to fix.\n", "", 1, "lacks fix"),
        ("// title", "// tittle", 1, "KEY one of"),
        ("severity: info", "severity: bad", 5, "severity begins"),
        ("s3:bucket", "buckets", 6, "not a snapshot type"),
        ("(text,", "(string,", 3, "TYPE one"),
        ("// column id: the bucket", "// column id:", 4, "column NAME"),
        ("AS id", "AS ident", 8, "no 'AS id'"),
        ("$account IS NULL", "$acount IS NULL", 8, "$acount is used"),
        (
            "WHERE $account IS NULL OR n.account_id = $account",
            "",
            8,
            "parameter account is declared but never used",
        ),
        ("RETURN", "SET n.x = 1 RETURN", 8, "SET writes"),
        ("RETURN n.id AS id", "RETURN n.id AS id; MATCH (m) RETURN m", 8, "one statement"),
        ("// title: Buckets", "// title: Buckets\n// title: Again", 2, "given twice"),
    ],
)
def test_an_error_names_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(LibraryError) as problem:
        read_query(path)
    assert f"{path}:{line}" in str(problem.value)
    assert says in str(problem.value)


def test_a_header_without_a_statement_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no statement"):
        read_query(write(tmp_path, GOOD[: GOOD.index("MATCH")]))


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) DETACH DELETE n",
        "match (n) set n.a = 1 return n",
        "MATCH (n) CALL { CREATE (m) } RETURN n",
        "LOAD CSV FROM 'x' AS row RETURN row",
        "MATCH (n) REMOVE n:Label",
        "/* harmless */ MERGE (n)",
    ],
)
def test_writing_is_seen(text: str) -> None:
    assert check_read_only(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) WHERE n.name = 'DELETE SET' RETURN n",
        "MATCH (n) // MERGE later\nRETURN n",
        "MATCH (n:`SET`) RETURN n.created AS created, n.dataset AS dataset",
    ],
)
def test_words_in_data_are_not_writing(text: str) -> None:
    assert check_read_only(text) is None


def test_the_built_in_queries_are_all_well_formed() -> None:
    assert len(load_library().names) >= 15


def test_further_folders_are_added_but_never_shadow(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert "buckets" in load_library([tmp_path]).names
    write(tmp_path, GOOD, "peerings.cypher")
    with pytest.raises(LibraryError, match="already a query named 'peerings'"):
        load_library([tmp_path])


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="nowhere is not a folder"):
        load_library([tmp_path / "nowhere"])


def test_an_unknown_name_has_the_nearest_ones() -> None:
    with pytest.raises(LibraryError, match=r"Did you mean .*peerings"):
        load_library().get("peering")


def test_parameters_are_read_by_their_type() -> None:
    query = load_library().get("peerings")
    assert bind(query, {}) == {"cross_account": False}
    assert bind(query, {"cross_account": "true"}) == {"cross_account": True}
    with pytest.raises(LibraryError, match="not true or false"):
        bind(query, {"cross_account": "yes"})
    with pytest.raises(LibraryError, match="no parameter 'account'"):
        bind(query, {"account": "1"})


def test_a_required_parameter_is_asked_for(tmp_path: Path) -> None:
    query = read_query(write(tmp_path, GOOD.replace(", default null", "")))
    with pytest.raises(LibraryError, match="needs the parameter account"):
        bind(query, {})


@pytest.mark.parametrize("name", load_library().names)
def test_every_query_gives_its_columns(store, name: str) -> None:
    query = load_library().get(name)
    assert list(run_query(store, name).columns) == list(query.columns)
    rows = store.run(query.text, bind(query, {}))
    assert rows, f"{name} finds nothing in the organisation"
    assert list(rows[0]) == list(query.columns)


def test_an_empty_answer_still_has_columns(store, tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    frame = run_query(store, "buckets", {"account": "0"}, library=load_library([tmp_path]))
    assert list(frame.columns) == ["id"]
    assert frame.empty


def test_own_cypher_may_not_write(store) -> None:
    assert len(run_cypher(store, "MATCH (n:S3Bucket) RETURN n.id AS id")) == 1
    with pytest.raises(LibraryError, match="mapper query only reads"):
        run_cypher(store, "MATCH (n) SET n.x = 1 RETURN n")
