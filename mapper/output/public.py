"""The tables of ``public``: what is open, what changed, what one lock holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graph.sharing.levels import copies, granted_level, strongest_level
from mapper.output.names import SHORT_KEY, account_name, kind_words, short_ids, short_name
from mapper.output.sheet import Column
from queries.host_names import own_names

if TYPE_CHECKING:
    from queries.answers.parties import Parties
    from queries.answers.row import Row

MANY = 3
"""More things than this that are alike in all but their name share a line of a terminal."""
_LONGEST_NAME = 100
_ALWAYS_BELOW = 1000
_WIDE = 150
_ROOM = 96
"""Below this width the place and the way stand on a line of their own, so that names stay whole."""
_SOURCES = {
    "internet": "internet",
    # Whoever has an account has a principal: a policy names the one, a list of accounts the other.
    "any-aws-principal": "any AWS account",
    "any-aws-account": "any AWS account",
}
_UNREAD = re.compile(r" \(not_collected:[^)]*\)")

_KEY = Column("Key", "key")
_UNDER = Column("Under", least=_ALWAYS_BELOW, below=True)
_SUBJECT = (
    Column("Resource", most=44),
    Column("Type", least=140),
    Column("Where", least=_ROOM, most=32),
    Column("From", most=32),
)
_THROUGH = Column("Through", least=_ROOM, most=50)
_IN = Column("In", least=_ALWAYS_BELOW, below=True, until=_ROOM)
OPEN = (
    Column("Severity", "severity", group=True),
    _KEY,
    Column("Verdict", "verdict"),
    *_SUBJECT,
    Column("Opens", most=24),
    _THROUGH,
    _IN,
    Column("Called", least=_WIDE, most=48),
    Column("Named", least=_ALWAYS_BELOW, below=True, until=_WIDE),
    _UNDER,
)
SINCE = (
    Column("Change", "change", group=True),
    _KEY,
    Column("Severity", "severity"),
    *_SUBJECT,
    Column("Was", most=50),
    Column("Is", most=50),
    _THROUGH,
    _IN,
    Column("Why", least=_ALWAYS_BELOW, below=True),
    _UNDER,
)
NEAR = (
    Column("Held by", group=True),
    _KEY,
    Column("If open", "severity"),
    *_SUBJECT,
    Column("Would open", most=50),
    _THROUGH,
    _IN,
    Column("Lock", least=_ALWAYS_BELOW, below=True),
)


@dataclass(frozen=True, slots=True)
class Line:
    """Rows that share a line: mechanisms to one thing, or things that are alike.

    Attributes:
        row: the first of them.
        mechanisms: of all of them, sorted.
        more: how many further things are alike.
        ambiguous: its name is also that of a thing of another type.
    """

    row: Row
    mechanisms: tuple[str, ...]
    more: int = 0
    ambiguous: bool = False


def lines_of(rows: Iterable[Row], *, alike: bool) -> list[Line]:
    """Fold rows that differ in their mechanism alone, e.g. IPv4 and IPv6.

    Things of several types that share a name are told apart by their type.

    Args:
        rows: in their order; the first of those that are folded keeps its place.
        alike: also fold more than :data:`MANY` things that differ in nothing but their name.
    """
    folded: dict[object, list[Row]] = {}
    for row in rows:
        folded.setdefault((row.id, _looks(row)), []).append(row)
    lines = [
        Line(same[0], tuple(sorted({str(row.own["mechanism"]) for row in same})))
        for same in folded.values()
    ]
    return _told_apart(_with_alike(lines) if alike else lines)


def _told_apart(lines: Sequence[Line]) -> list[Line]:
    kinds: dict[tuple[str, str | None], set[str | None]] = {}
    for line in lines:
        kinds.setdefault((_name(line.row), line.row.account_id), set()).add(line.row.resource_type)
    return [
        replace(line, ambiguous=len(kinds[_name(line.row), line.row.account_id]) > 1)
        for line in lines
    ]


def _name(row: Row) -> str:
    """A name on one line, the end of a long one left out: JSON and CSV have the whole."""
    name = " ".join((row.name or "").split()) or short_name(row.id).rpartition("/")[2]
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."


def _with_alike(lines: Sequence[Line]) -> list[Line]:
    groups: dict[object, list[Line]] = {}
    for line in lines:
        row = line.row
        place = (row.resource_type, row.account_id, row.region)
        groups.setdefault((place, line.mechanisms, _looks(row)), []).append(line)
    shown: list[Line] = []
    for same in groups.values():
        if len(same) <= MANY:
            shown.extend(same)
        else:
            shown.append(Line(same[0].row, same[0].mechanisms, len(same) - 1))
    order = {line.row.key: n for n, line in enumerate(lines)}
    return sorted(shown, key=lambda line: order[line.row.key])


def _looks(row: Row) -> str:
    """All that a line shows of a row beside its name and its mechanism."""
    own = dict(row.own)
    # Locks name what they hold; their kinds are what is alike.
    own["locks"] = [lock["name"] for lock in own.get("locks", ())]
    told = (row.answer.conditions, row.answer.guards, row.accepted, _alike(own.pop("before", None)))
    return repr((row.severity, row.verdict, told, _alike(own)))


def _alike(fields: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """Fields of a row without its names and those by which its mechanism tells itself."""
    beside = ("mechanism", "family", "change_why", "names")
    return sorted((n, value) for n, value in (fields or {}).items() if n not in beside)


def open_cells(line: Line, parties: Parties) -> tuple[str, ...]:
    """The cells of :data:`OPEN`."""
    row = line.row
    behind = " -> admin" if row.own["reaches_admin"] in ("yes", "conditional") else ""
    return (
        row.severity,
        row.key[:SHORT_KEY],
        str(row.verdict),
        *_subject(line, parties),
        opens(row.own, str(row.verdict)) + behind,
        *_by(line, parties),
        "" if line.more else ", ".join(_few(row.own["names"])),
        "" if line.more else ", ".join(_few(own_names(row.own["names"]))),
        short_ids(", ".join(row.answer.conditions)),
    )


def since_cells(line: Line, parties: Parties) -> tuple[str, ...]:
    """The cells of :data:`SINCE`."""
    row, own = line.row, line.row.own
    before = own["before"]
    was = "" if before is None else _state(before, str(before["verdict"]))
    now = {"closed": "no", "unreadable": "not known"}.get(own["change"])
    return (
        own["change"] + _grew(own),
        row.key[:SHORT_KEY],
        f"was {before['severity']}" if before and own["change"] == "closed" else row.severity,
        *_subject(line, parties),
        was,
        now or _state(own, str(row.verdict)),
        *_by(line, parties),
        short_ids(own["change_why"]),
        short_ids(", ".join(row.answer.conditions)),
    )


def _grew(own: Mapping[str, Any]) -> str:
    """Whether more is open now, or less, or more of one thing and less of another."""
    if own["change"] != "changed":
        return ""
    words = [word for word in ("stronger", "weaker") if own[word]]
    return f", {' and '.join(words)}" if words else ""


def near_cells(line: Line, parties: Parties) -> tuple[str, ...]:
    """The cells of :data:`NEAR`."""
    row, own = line.row, line.row.own
    wanted = own["if_open"]
    count = len(own["locks"])
    locks = "; ".join(_lock(lock) for lock in own["locks"])
    if own["not_known"]:
        locks += f" Not known: {', '.join(own['not_known'])}."
    return (
        "one lock" if count == 1 else f"{count} locks",
        row.key[:SHORT_KEY],
        wanted["severity"],
        *_subject(line, parties),
        _would(wanted),
        *_by(line, parties),
        locks,
    )


def _would(wanted: Mapping[str, Any]) -> str:
    told = opens(wanted, "yes") or "not known"
    return told if wanted["verdict"] == "yes" else f"{told} ({wanted['verdict']})"


def _lock(lock: Mapping[str, Any]) -> str:
    code = f" [{lock['code']}]" if lock["code"] else ""
    return f"{lock['name']}: {short_ids(lock['text'])}{code}"


def _subject(line: Line, parties: Parties) -> tuple[str, str, str, str]:
    row = line.row
    name = _name(row)
    if line.ambiguous:
        name += f" ({kind_words(row.resource_type or '')})"
    if line.more:
        name += f" and {line.more} alike"
    source = str(row.own["source"])
    kind = kind_words(row.resource_type or "")
    return name, kind, _where(row, parties), _SOURCES.get(source, source)


def _where(row: Row, parties: Parties) -> str:
    account = account_name(row.account_id, parties)
    return f"{account} {row.region}" if row.region and row.region != "global" else account


def _by(line: Line, parties: Parties) -> tuple[str, str]:
    """The way, and the place with the way for who has no room for columns of them."""
    way = through(line)
    return way, f"{_where(line.row, parties)}, through {way}"


def _strongest(actions: Sequence[str]) -> str:
    """The action that the level is of: of several the first."""
    wanted = strongest_level(actions)
    return next(action for action in actions if granted_level(action) == wanted)


def opens(own: Mapping[str, Any], verdict: str) -> str:
    """The ports with the strongest verdict, then the weaker ones; else level and actions."""
    if own.get("ports"):
        text = ", ".join(_few(_gravest_first(own["ports"])))
        if own.get("door_ports"):
            text = f"{', '.join(_few(own['door_ports']))} > {text}"
        weaker = [str(entry).replace("=", " ") for entry in own.get("other_ports") or ()]
        return f"{text} ({', '.join(_few(weaker))})" if weaker else text
    if actions := own.get("actions"):
        more = f" +{len(actions) - 1}" if len(actions) > 1 else ""
        first = _strongest(actions)
        word = "copy" if copies(first) else own.get("level")
        return f"{f'{word}: ' if word else ''}{first.rpartition(':')[2]}{more}"
    if own.get("level"):
        return str(own["level"])
    return "not known" if verdict == "unknown" else ""


def _state(own: Mapping[str, Any], verdict: str) -> str:
    return " ".join(filter(None, (verdict, opens(own, verdict))))


def through(line: Line) -> str:
    """The mechanisms, families together, the doors passed, then guards: ``alb/ipv4+ipv6 web``."""
    families: dict[str, list[str]] = {}
    for mechanism in line.mechanisms:
        kind, _, family = mechanism.partition("/")
        families.setdefault(kind, []).append(family)
    told = [f"{kind}/{'+'.join(names)}" if any(names) else kind for kind, names in families.items()]
    ways = [" > ".join(map(short_name, way)) for way in line.row.own.get("ways") or ()]
    return ", ".join(
        (" ".join((", ".join(told), " or ".join(_few(ways)))).rstrip(), *guards(line.row))
    )


def under(row: Row) -> str:
    """Conditions, then guards."""
    return ", ".join([*map(short_ids, row.answer.conditions), *guards(row)])


def guards(row: Row) -> list[str]:
    """What stands in the way without changing the verdict, without the name of what is missing."""
    kinds = dict.fromkeys(guard.partition(": ")[0] for guard in row.answer.guards)
    return [short_ids(_UNREAD.sub(" not read", kind)) for kind in kinds]


_GRAVEST = ("unauthenticated", "admin")


def _gravest_first(ports: Sequence[str]) -> list[str]:
    """Where not all are shown, those that the severity may hang on stand first."""
    from queries.severity import port_class

    def weight(port: str) -> int:
        kind = port_class((port,))
        return _GRAVEST.index(kind) if kind in _GRAVEST else len(_GRAVEST)

    return list(ports) if len(ports) <= MANY else sorted(ports, key=weight)


def _few(texts: Sequence[str]) -> list[str]:
    listed = list(texts)
    if len(listed) <= MANY:
        return listed
    return [*listed[:MANY], f"{len(listed) - MANY} more"]
