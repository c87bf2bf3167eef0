"""``trusts --accounts``: two accounts on a line, what one has of the other in four columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.verdict import Verdict
from mapper.output.gaps import gap_notes
from mapper.output.names import SHORT_KEY, short_name
from mapper.output.sheet import Column, Sheet
from mapper.output.words import counted
from queries.answers.account_links import KINDS

if TYPE_CHECKING:
    from queries.answers.answer import Answered
    from queries.answers.parties import Parties
    from queries.answers.row import Row

SCREEN = 200
"""Lines that a terminal is given at most; files and pipes get all."""
_OURS = ("own", "organisation", "collected")
COLUMNS = (
    Column("Key", "key"),
    Column("From", most=44),
    Column("To", most=44),
    *(Column(kind.capitalize(), "verdict") for kind in KINDS),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accounts and the rows between them in one direction, by kind."""

    start: str
    end: str
    kinds: Mapping[str, Row]

    @property
    def first(self) -> Row:
        """The strongest of them."""
        return max(self.kinds.values(), key=lambda row: row.verdict.rank)


def pairs_of(rows: Iterable[Row]) -> list[Pair]:
    """Rows as pairs: whoever is outside first, then the strongest, then the most kinds."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        found.setdefault((row.own["from"], row.own["to"]), {})[row.own["kind"]] = row
    return sorted((Pair(*ends, kinds) for ends, kinds in found.items()), key=_order)


def _order(pair: Pair) -> tuple[object, ...]:
    row = pair.first
    ours = row.own["outside"] in _OURS and row.own["to_outside"] in _OURS
    ranks = [pair.kinds[kind].verdict.rank if kind in pair.kinds else 0 for kind in KINDS]
    return (ours, -row.verdict.rank, -len(pair.kinds), [-rank for rank in ranks], *pair_ends(pair))


def pair_ends(pair: Pair) -> tuple[str, str]:
    """The ids of both ends."""
    return pair.start, pair.end


def sheet_of_links(
    answer: Answered, parties: Parties, *, screen: bool = False, whole: bool = True
) -> Sheet:
    """The summary as a sheet; unlike a list of findings it shows unknown links, too."""
    rows = [row for row in answer.rows if row.accepted is None]
    pairs = pairs_of(rows)
    cut = pairs[:SCREEN] if screen else pairs
    return Sheet(
        "What one account has of another",
        COLUMNS,
        [_cells(pair, parties) for pair in cut],
        [*_notes(answer, rows, pairs, len(cut)), *gap_notes(answer.coverage, parties, whole=whole)],
    )


def _notes(
    answer: Answered, rows: Sequence[Row], pairs: Sequence[Pair], shown: int
) -> Iterable[str]:
    whole = "Everything that this needs was collected."
    if not answer.coverage.complete:
        whole = "What this needs was not all collected."
    yield f"{counted(len(pairs), 'pair')} of accounts, {counted(len(rows), 'link')}. {whole}"
    if shown < len(pairs):
        yield f"{len(pairs) - shown} more pairs: --format csv, or narrow with --account."
    yield (
        "From gets the power, data or reach; To is whose it is. A cell is the strongest verdict "
        "and how many roles, resources or connections there are; dormant: configured, but nothing "
        "was found that can use it now."
    )
    yield (
        "Key is that of the line's strongest cell; mapper explain KEY has each link behind it, and "
        "the keys of the line's other cells."
    )
    yield "The chains behind a cell: mapper trusts --from FROM --to TO."
    yield "What everyone may use links no two accounts: mapper public."
    if accepted := answer.totals["accepted"]:
        yield f"{counted(accepted, 'accepted row')} left out (mapper.toml)."
    for text in answer.assumes:
        yield f"Assumed absent because nobody could see it: {text} (--no-assume)."


def _cells(pair: Pair, parties: Parties) -> tuple[str, ...]:
    row = pair.first
    told = [cell_of(pair.kinds.get(kind)) for kind in KINDS]
    return (
        row.key[:SHORT_KEY],
        party(pair.start, row.own["from_name"], row.own["outside"], parties),
        party(pair.end, row.name, row.own["to_outside"], parties),
        *told,
    )


def cell_of(row: Row | None) -> str:
    """The strongest verdict and how many things have it at least, of how many."""
    if row is None:
        return ""
    count, sure = row.own["count"], row.own["definite_count"]
    strong = sure if row.verdict is Verdict.YES else row.own["possible_count"] or count
    return f"{row.verdict} {strong}" + (f" of {count}" if strong != count else "")


def party(node_id: str, name: str | None, outside: str, parties: Parties) -> str:
    """An account by name with what it is; its number where it has no name."""
    account = node_id.removeprefix("account:") if node_id.startswith("account:") else None
    shown = parties.name(account) or name or account or short_name(node_id)
    if node_id.startswith("org:"):
        shown = f"every account of {shown}"
    return shown if outside in _OURS else f"{shown} ({outside})"


def matrix(rows: Iterable[Row]) -> tuple[list[dict[str, str]], list[str]]:
    """CSV: a line for each account that gets something, a column for each whose it is.

    Returns:
        Lines and columns; a cell is like ``trust yes 3; data conditional 1``.
    """
    pairs = pairs_of(rows)
    ends = {pair.end: pair.first for pair in sorted(pairs, key=lambda pair: pair.end)}
    titles = {end: _titled(end, row.name) for end, row in ends.items()}
    lines: dict[str, dict[str, str]] = {}
    for pair in sorted(pairs, key=pair_ends):
        own = pair.first.own
        line = lines.setdefault(
            pair.start,
            {
                "from": pair.start.removeprefix("account:"),
                "name": own["from_name"] or "",
                "outside": own["outside"],
            },
        )
        told = [f"{kind} {cell_of(pair.kinds[kind])}" for kind in KINDS if kind in pair.kinds]
        line[titles[pair.end]] = "; ".join(told)
    return list(lines.values()), ["from", "name", "outside", *titles.values()]


def _titled(node_id: str, name: str | None) -> str:
    account = node_id.removeprefix("account:")
    return f"{name} {account}" if name and name != account else account
