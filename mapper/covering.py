"""What a snapshot has seen and missed, by account, region, service or call; what closes a gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.actions import ANY, actions_of
from collector.denial import Denial, denial_of
from collector.snapshot.ledger import ALL_TYPES, FACTS, LedgerRow, Status
from mapper.output.sheet import Column

if TYPE_CHECKING:
    from queries.answers.coverage import Gap
    from queries.library import Library

_DENIALS = frozenset({Status.DENIED, Status.REGION_DENIED})
_AGAIN = {
    Status.THROTTLED: "AWS asked to slow down: collect again",
    Status.UNREACHABLE: "check network and proxy, collect again",
    Status.EXPIRED: "renew the credentials, collect again",
    Status.ERROR: "collect again; if it stays, AWS's words say why",
    Status.NOT_ATTEMPTED: "was not asked for: collect it",
}
"""What closes a gap that no permission closes."""
_PLACES_NAMED = 2
_NAMES_NAMED = 6
_CALLS_NAMED = 2

Name = Callable[[str], str]
"""An account's name with its id."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A row of the ledger with what it means.

    Attributes:
        row: of the ledger.
        actions: the IAM actions behind the call.
        affects: commands and queries whose answers miss what the row hides.
        denial: who denied, where AWS says so.
    """

    row: LedgerRow
    actions: tuple[str, ...]
    affects: tuple[str, ...]
    denial: Denial

    @property
    def policy_would_help(self) -> bool:
        """Whether permissions of ours may close the gap."""
        return (
            self.row.status is Status.DENIED
            and self.row.type != ALL_TYPES
            and self.denial.policy_would_help
        )

    @property
    def hangs_on_another(self) -> bool:
        """Whether it was not called because the call that lists its items gave nothing."""
        return self.row.status is Status.NOT_ATTEMPTED and bool(self.row.code)

    @property
    def needs_its_action(self) -> bool:
        """Whether somebody has to allow just this action for the gap to close."""
        ours = self.row.status is Status.DENIED and self.row.type != ALL_TYPES
        return ours and self.denial.by not in ("scp", "rcp")

    def remedy(self, what: str = "") -> str:
        """What closes the gap, in a few words; ``what`` stands for its actions."""
        if self.hangs_on_another:
            return "comes when the call that lists its items does"
        if self.row.status not in _DENIALS:
            return _AGAIN.get(self.row.status, "")
        if self.row.type == ALL_TYPES:
            return "a role there that trusts us: mapper preflight --template"
        if self.row.status is Status.REGION_DENIED and not self.denial.by:
            return "the region is closed by policy"
        what = what or ", ".join(self.actions) or f"{self.row.service}:{self.row.operation}"
        match self.denial.by, self.denial.explicit:
            case "identity_policy" | "explicit", True:
                return f"take away the Deny of {what}"
            case "scp" | "rcp", _:
                return f"only the organisation can allow {what}"
            case "boundary" | "session_policy" | "resource_policy" | "vpc_endpoint_policy", _:
                return f"that policy has to allow {what}"
        return f"allow {what}"

    def as_json(self) -> dict[str, Any]:
        """The ledger's columns and what they mean."""
        return self.row.as_json() | {
            "actions": list(self.actions),
            "affects": list(self.affects),
            "denied_by": self.denial.by,
            "explicit": self.denial.explicit,
        }


def covered(rows: Iterable[LedgerRow], needs: Mapping[str, frozenset[str]]) -> list[Covered]:
    """Rows with what they mean, in their order.

    Args:
        rows: of the ledger.
        needs: the types that each command and query reads, see :func:`needs_of_answers`.
    """
    affects: dict[str, tuple[str, ...]] = {}
    found = []
    for row in rows:
        if row.is_gap and row.type not in affects:
            affects[row.type] = tuple(name for name, types in needs.items() if row.is_about(types))
        found.append(
            Covered(
                row,
                actions_of(row.service, row.operation),
                affects[row.type] if row.is_gap else (),
                denial_of(row.message) if row.status in _DENIALS else Denial(),
            )
        )
    return found


def needs_of_answers(library: Library) -> dict[str, frozenset[str]]:
    """The types without which each answer is incomplete: commands first, then ``query NAME``."""
    from graph.iam.from_snapshot import NEEDS
    from queries.answers import public, reach, trusts

    commands = {
        "public": public.QUERIES,
        "trusts": trusts.QUERIES,
        "admins": ("identity-steps", "admins-paths"),
        "admins --compute": ("identity-steps", "compute-admins", "public-network"),
    }
    found = {
        command: frozenset(need for name in names for need in library.get(name).needs)
        for command, names in commands.items()
    }
    found |= {"reach": frozenset(reach.NEEDS)}
    found |= {"can": frozenset(NEEDS), "who-can": frozenset(NEEDS)}
    return found | {f"query {query.name}": frozenset(query.needs) for query in library}


# Tables


@dataclass(frozen=True, slots=True)
class Lines:
    """What a table shows."""

    columns: Sequence[str | Column]
    cells: Sequence[Sequence[str]]


def grouped(rows: Iterable[Covered], by: str, name: Name) -> Lines:
    """A line for each account, region, service or call: how much was seen, what was missed where.

    What was missed most stands first.
    """
    groups: dict[str, list[Covered]] = {}
    for one in rows:
        groups.setdefault(_group(one.row, by, name), []).append(one)
    ordered = sorted(
        groups.items(), key=lambda pair: (-sum(c.row.is_gap for c in pair[1]), pair[0])
    )
    cells = []
    for group, members in ordered:
        gaps = [one for one in members if one.row.is_gap]
        counts = Counter(str(one.row.status) for one in gaps)
        seen = sum(one.row.status in FACTS for one in members)
        missed = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        cells.append(
            [
                group,
                str(seen),
                str(len(members) - len(gaps) - seen or ""),
                missed,
                _places(gaps, name),
            ]
        )
    columns = (
        by.title(),
        "Seen",
        Column("Not there", least=100),
        "Missed",
        "Missed where",
    )
    return Lines(columns, cells)


def _group(row: LedgerRow, by: str, name: Name) -> str:
    match by:
        case "account":
            return name(row.account_id)
        case "region":
            return row.region
        case "call":
            return f"{row.service}:{row.operation}"
    return row.service


def _places(rows: Sequence[Covered], name: Name) -> str:
    return places_of({(one.row.account_id, one.row.region) for one in rows}, name)


def places_of(found: Collection[tuple[str, str]], name: Name) -> str:
    """Accounts and regions in a few words."""
    places = sorted(found)
    if len(places) <= _PLACES_NAMED:
        return ", ".join(f"{name(account)} {region}" for account, region in places)
    accounts, regions = ({place[part] for place in places} for part in (0, 1))
    where = name(*accounts) if len(accounts) == 1 else f"{len(accounts)} accounts"
    which = next(iter(regions)) if len(regions) == 1 else f"{len(regions)} regions"
    return f"{where}, {which}"


def missing(rows: Iterable[Covered], name: Name, whole: bool = False) -> Lines:
    """A line for each gap, the same gap of several places once; what affects most stands first.

    Calls of one service that have one cause in the same places share a line, but for those whose
    action somebody has to allow; not so in the ``whole`` table.
    """
    gaps: dict[tuple[str, ...], list[Covered]] = {}
    for one in rows:
        if one.row.is_gap:
            cause = (one.row.status, one.denial.words, "" if one.denial.by else one.row.code)
            key = (one.row.service, one.row.operation, *map(str, cause))
            gaps.setdefault(key, []).append(one)
    groups: dict[Any, list[list[Covered]]] = {}
    for key, members in gaps.items():
        alone = whole or members[0].needs_its_action
        places = "" if alone else tuple(sorted({(o.row.account_id, o.row.region) for o in members}))
        groups.setdefault((key[0], key[1] if alone else "", *key[2:], places), []).append(members)
    lines = [_line(calls, name) for calls in groups.values()]
    ordered = sorted(lines, key=lambda line: (-line[0], line[1]))
    columns = (
        "Not seen",
        "Status",
        "AWS says",
        "Where",
        Column("What closes it", least=110, below=True),
        Column("Affects", least=170, below=True),
    )
    return Lines(columns, [cells for _, cells in ordered])


def _line(calls: Sequence[Sequence[Covered]], name: Name) -> tuple[int, list[str]]:
    """How many answers are affected, and the cells of a line for calls with one cause."""
    members = [one for call in calls for one in call]
    first = members[0]
    names = sorted({one.row.operation for one in members})
    answers = frozenset(answer for one in members for answer in one.affects)
    many = f"{first.row.service}: {len(names)} calls ({', '.join(names[:_CALLS_NAMED])}, ...)"
    cells = [
        f"{first.row.service}:{names[0]}" if len(names) == 1 else many,
        str(first.row.status),
        first.denial.words or first.row.code,
        _places(members, name),
        first.remedy("them" if len(names) > 1 else ""),
        affected(answers),
    ]
    return len(answers), cells


def affected(answers: Iterable[str]) -> str:
    """Commands by name, queries by number: ``public, admins; 12 queries``."""
    listed = list(answers)
    queries = [answer for answer in listed if answer.startswith("query ")]
    commands = sorted(set(listed) - set(queries))
    parts = [", ".join(commands)] if commands else []
    if len(queries) == 1:
        parts += queries
    elif queries:
        parts.append(f"{len(queries)} queries")
    return "; ".join(parts) or "no answer yet"


def listed(rows: Iterable[Covered], name: Name) -> Lines:
    """A line for each account, region and call."""
    cells = [
        [
            name(one.row.account_id),
            one.row.region,
            f"{one.row.service}:{one.row.operation}",
            str(one.row.status),
            f"{one.row.code} {one.row.message}".strip(),
        ]
        for one in rows
    ]
    return Lines(("Account", "Region", "Call", "Status", "Why"), cells)


def closing_notes(rows: Sequence[Covered]) -> list[str]:
    """What would help: a policy, the organisation, another run."""
    gaps = [one for one in rows if one.row.is_gap]
    if not gaps:
        return ["Everything that was asked for was seen."]
    notes = []
    by_scp = sum(one.denial.by in ("scp", "rcp") for one in gaps)
    if by_scp:
        notes.append(
            f"{_calls(by_scp)} denied by the organisation (SCP, RCP): a policy of ours does not "
            "help there."
        )
    elsewhere = sum(_is_denied_elsewhere(one) for one in gaps)
    if elsewhere:
        notes.append(
            f"{_calls(elsewhere)} denied by another policy (AWS says which): a further Allow does "
            "not help there."
        )
    not_entered = sum(one.row.type == ALL_TYPES and one.row.status in _DENIALS for one in gaps)
    if not_entered:
        notes.append(
            "Some account could not be entered. A role for it: "
            "mapper preflight --template cloudformation --trusted-account ID"
        )
    hanging = sum(one.hangs_on_another for one in gaps)
    if hanging:
        notes.append(
            f"{_calls(hanging)} not made because the call that lists their items gave nothing."
        )
    again = sum(one.row.status not in _DENIALS and not one.hangs_on_another for one in gaps)
    if again:
        notes.append(f"{_calls(again)} missed for other reasons: collecting again may help.")
    helped = sum(one.policy_would_help for one in gaps)
    if helped:
        notes.append(
            f"{_calls(helped)} missed for want of permissions. What to ask for: "
            "mapper preflight --policy --delta"
        )
    return notes


def _is_denied_elsewhere(one: Covered) -> bool:
    """Whether what is named as denying is neither the organisation nor the want of an Allow."""
    ours = one.row.status in _DENIALS and one.row.type != ALL_TYPES
    return ours and one.denial.by not in ("scp", "rcp") and not one.denial.policy_would_help


def never_asked(gaps: Iterable[Gap], needs: Mapping[str, frozenset[str]]) -> list[str]:
    """What answers need and the collection was not asked for: types, regions."""
    types = sorted({gap.type for gap in gaps if gap.operation == ANY and gap.type != ALL_TYPES})
    regions = sorted({gap.region for gap in gaps if gap.operation == ANY and gap.service == ANY})
    notes = []
    for what, names in (("type", types), ("enabled region", regions)):
        if names:
            some = ", ".join(names[:_NAMES_NAMED]) + (", ..." if len(names) > _NAMES_NAMED else "")
            which = [name for name, read in needs.items() if what != "type" or read & set(names)]
            notes.append(
                f"Not asked for: {len(names)} {what}{'s' * (len(names) > 1)} ({some}). "
                f"Affects {affected(which)}."
            )
    return notes


def _calls(count: int) -> str:
    return f"{count} call was" if count == 1 else f"{count} calls were"
