"""The table of ``trusts``: a line for each chain, those that are alike together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph.sharing.levels import copies
from graph.verdict import Verdict
from mapper.output.names import SHORT_KEY, account_name, kind_words, short_ids, short_name
from mapper.output.sheet import Column
from queries.answers.parties import account_of, is_provider, provider_name, token_subjects

if TYPE_CHECKING:
    from queries.answers.parties import Parties
    from queries.answers.row import Row

_ALWAYS_BELOW = 1000
_WIDE = 116
"""Characters from which whose things are has columns of its own; ids are never broken below."""
COLUMNS = (
    Column("Severity", "severity", group=True),
    Column("Key", "key"),
    Column("Verdict", "verdict"),
    Column("From", most=44),
    Column("Of", least=_WIDE, most=32),
    Column("To", most=60),
    Column("In", least=_WIDE, most=32),
    Column("Gives", most=44),
    Column("Of", least=_ALWAYS_BELOW, below=True, until=_WIDE),
    Column("Last used", least=140),
    Column("Last used", least=_ALWAYS_BELOW, below=True, until=140),
    Column("Under", least=_ALWAYS_BELOW, below=True),
)
_GIVES = {"CAN_ASSUME": "the role", "CAN_ACCESS": "use", "SHARED_WITH": "shared"}
_FLOWS = {"LOGS_TO": "its logs", "REPLICATES_TO": "copies", "SENDS_TO": "messages"}
_BESIDE = ("account unknown", "account vendor", "account aws-service", "delegated ")
"""Kinds of guards that other columns tell."""
_OUTSIDE = {"organisation": "", "own": "", "collected": ""}
_EVERYONE = ("internet", "any-aws-principal", "any-aws-account")
_NEVER = "not in 400 days"
"""What AWS says by silence of a role's last use.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html"""


@dataclass(frozen=True, slots=True)
class Line:
    """Rows that differ only in who starts, or in which account a role of one name lies.

    Attributes:
        row: the first of them.
        starts: ids of all starts, in order.
        accounts: ids of all accounts in which the thing lies, in order.
        things: how many things, ends of the rows.
    """

    row: Row
    starts: tuple[str, ...]
    accounts: tuple[str | None, ...]
    things: int


def lines_of(rows: Iterable[Row]) -> list[Line]:
    """Fold rows: first starts of one account with the same way on, then ends of one name."""
    ways: dict[object, list[Row]] = {}
    for row in rows:
        ways.setdefault((_looks(row), *_way_on(row)), []).append(row)
    ends: dict[object, list[list[Row]]] = {}
    for same in ways.values():
        starts = tuple(sorted({row.own["from"] for row in same}))
        ends.setdefault((_looks(same[0]), starts, _names_on(same[0])), []).append(same)
    return [_line(found) for found in ends.values()]


def _line(found: Sequence[Sequence[Row]]) -> Line:
    row = found[0][0]
    rest = sorted({one.own["from"] for one in found[0]} - {row.own["from"]})
    accounts = tuple(dict.fromkeys(same[0].account_id for same in found))
    return Line(row, (row.own["from"], *rest), accounts, len(found))


def _looks(row: Row) -> tuple[object, ...]:
    """What a line shows of a row beside its start, its way and its account."""
    own = row.own
    start = account_of(own["from"], None) if own["outside"] in _OUTSIDE else own["from"]
    data = not own["admin_of"] and own["data"]
    data = data and (data["level"], data["sensitive"])
    told = (row.severity, row.verdict, row.answer.conditions, row.answer.guards, row.accepted)
    return (*told, start, own["outside"], own["vendor"], own["level"], data, own.get("unused"))


def _way_on(row: Row) -> tuple[object, ...]:
    """The way after the start, by ids; a set through which the start goes is not told."""
    hops = [hop["id"] for hop in row.own["hops"] if hop["type"] != "IN_GROUP"]
    return (tuple(hops), row.own["ends_in"])


def _names_on(row: Row) -> tuple[object, ...]:
    own = row.own
    if own["hops"][-1]["type"] in _FLOWS:
        return (row.resource_type, own["mechanism"])
    if row.resource_type != "AWS::IAM::Role":
        return (row.id, own["mechanism"])
    hops = own["hops"]
    beside = "account" if own["admin_of"] == [f"account:{row.account_id}"] else own["admin_of"]
    return (row.name or row.id, tuple(hop["id"] for hop in _roles(hops)[:-1]), str(beside))


def cells(line: Line, parties: Parties) -> tuple[str, ...]:
    """The cells of :data:`COLUMNS`."""
    row, own = line.row, line.row.own
    whose = _whose(own, parties)
    where = _more([account_name(account, parties) for account in line.accounts])
    used = own.get("unused") or (own["last_used"] or "")[:10]
    used = _NEVER if used == "never" else used
    return (
        row.severity,
        row.key[:SHORT_KEY],
        str(row.verdict),
        _starts(line, parties),
        whose,
        _to(line, parties),
        where,
        _gives(line, parties),
        "; ".join(filter(None, (whose, f"in {where}" if where else ""))),
        used,
        used if own.get("unused") else "",
        _under(row),
    )


def of_everyone(rows: Iterable[Row]) -> list[str]:
    """That what everyone gets is told once, where a role is everyone's."""
    roles = {
        row.own["hops"][0]["id"]
        for row in rows
        if row.own["from"] in _EVERYONE
        and row.verdict is Verdict.YES
        and row.own["hops"][0]["type"] == "CAN_ASSUME"
    }
    if not roles:
        return []
    names = _more([_bare(role) for role in sorted(roles)])
    return [f"Everyone may assume {names}: what is reached by it stands once, under everyone."]


def _starts(line: Line, parties: Parties) -> str:
    more = len(line.starts) - 1
    first = _start(line.row, parties)
    return f"{first} and {more} more" if more else first


def _start(row: Row, parties: Parties) -> str:
    node_id = str(row.own["from"])
    if node_id.startswith("principal-set:"):
        return str(row.own["from_name"]).partition(" of ")[0]
    if is_provider(node_id):
        subjects = token_subjects(row.own["steps"][0]["conditions"])
        return " ".join((provider_name(node_id), " or ".join(subjects))).rstrip()
    account = account_of(node_id, None)
    if node_id == f"account:{account}":
        return account_name(account, parties)
    return _bare(node_id)


def _whose(own: Any, parties: Parties) -> str:
    """The account of the start by name, and what it is where that is outside."""
    node_id = str(own["from"])
    if node_id in _EVERYONE:
        return "anyone"
    is_set = node_id.startswith("principal-set:")
    account = own["from_account"] if is_set else account_of(node_id, None)
    if is_provider(node_id):
        where = account_name(account, parties)
        return f"identity provider in {where}" if where else "identity provider"
    alone = node_id == f"account:{account}"
    name = str(account) if alone else account_name(account, parties)
    known = (_OUTSIDE.get(own["outside"], own["outside"]), "" if alone else own["vendor"])
    if account is None and not any(known):
        return str(own["outside"])
    told = [word for word in dict.fromkeys(known) if word and word != name]
    if alone and name == account_name(account, parties):
        return ", ".join(told)
    return f"{name} ({', '.join(told)})" if name and told else name or ", ".join(told)


def _to(line: Line, parties: Parties) -> str:
    """The roles on the way; those of another account than the last with its name."""
    row, hops = line.row, line.row.own["hops"]
    if hops[-1]["type"] in _FLOWS and line.things > 1:
        return f"{row.name or _bare(row.id)} and {line.things - 1} more"
    if hops[-1]["type"] not in ("CAN_ASSUME", "HAS_ADMIN"):
        kind = kind_words(row.resource_type or "")
        kind = kind if kind[:2].isupper() else kind[:1].lower() + kind[1:]
        return f"{row.name or _bare(row.id)}{f' ({kind})' if kind else ''}"
    told = []
    for hop in _roles(hops):
        account = account_of(hop["id"], None)
        if hop["type"] == "HAS_ADMIN":
            told.append(f"admin of {account_name(account, parties)}")
        elif account == row.account_id:
            told.append(_bare(hop["id"]))
        else:
            told.append(f"{_bare(hop['id'])} ({account_name(account, parties)})")
    return " > ".join(told)


def _roles(hops: Sequence[Any]) -> list[Any]:
    """The steps that a reader follows: roles, and accounts that are taken over on the way."""
    last = hops[-1] if hops[-1]["type"] == "HAS_ADMIN" else None
    wanted = ("CAN_ASSUME", "HAS_ADMIN", "CONTROLS")
    return [hop for hop in hops if hop["type"] in wanted and hop is not last]


def _gives(line: Line, parties: Parties) -> str:
    own = line.row.own
    if own["admin_of"]:
        names = [account_name(one.removeprefix("account:"), parties) for one in own["admin_of"]]
        return "admin of each" if len(line.accounts) > 1 else f"admin of {_more(names)}"
    if data := own["data"]:
        held = "" if line.things > 1 else _held(data)
        return f"{data['level']}{held}{', sensitive' * data['sensitive']}"
    kind = own["hops"][-1]["type"]
    if kind in _FLOWS:
        return _FLOWS[kind]
    if kind == "CAN_ASSUME":
        return _GIVES[kind]
    copied = own["level"] == "read" and any(map(copies, own["actions"]))
    word = "copy" if copied else own["level"] or _GIVES.get(kind, kind)
    return f"{word} ({own['mechanism']})"


def _held(data: Any) -> str:
    """On how many resources; those that are had for sure apart from those that are not."""
    unsure = data["conditional"]
    sure = data["resources"] - unsure
    if data["verdict"] not in ("yes", "conditional"):
        return f" on {sure} ({data['verdict']})"
    if not sure:
        return f" on {unsure} under conditions"
    return f" on {sure}{f', {unsure} more under conditions' if unsure else ''}"


def _under(row: Row) -> str:
    """Conditions and guards; of a chain with the role that asks for them."""
    own = row.own
    told = []
    from_provider = is_provider(own["from"])
    for number, (hop, step) in enumerate(zip(own["hops"], own["steps"], strict=True)):
        conditions = step["conditions"]
        if from_provider and number == 0:
            # Whose tokens they are stands under From.
            conditions = [text for text in conditions if not token_subjects((text,))]
        asked = [*conditions, *_kinds(step["guards"])]
        if asked:
            where = f" at {_bare(hop['id'])}" if len(own["steps"]) > 1 else ""
            told.append(f"{short_ids(', '.join(asked))}{where}")
    return "; ".join(told)


def _kinds(listed: Sequence[str]) -> list[str]:
    """Guards by their kind, the words before the sentence; who the party is stands beside."""
    kinds = dict.fromkeys(guard.partition(": ")[0] for guard in listed)
    return [kind for kind in kinds if not kind.startswith(_BESIDE)]


def _more(texts: Sequence[str]) -> str:
    more = len(texts) - 1
    return f"{texts[0]} and {more} more" if more > 1 else ", ".join(texts)


def _bare(node_id: str) -> str:
    """A hop's name: roles and users without path and kind."""
    short = short_name(node_id)
    return short.rpartition("/")[2] if short.startswith(("role/", "user/")) else short
