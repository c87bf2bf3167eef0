"""What the accounts have: workloads with their roles, and other collected items by type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.snapshot import Item, Snapshot
from collector.snapshot.ledger import ALL_TYPES, LedgerRow
from graph.derivation.workload_profiles import profiles_of_roles
from graph.evidence import Ref, Step
from graph.verdict import Answer, Verdict, condition

if TYPE_CHECKING:
    from graph.derivation.workload_roles import Workload

MANAGED = "ssm:managed-instance"
"""Machines that Systems Manager's agent runs on."""
ANYWHERE = "*"
_WHOLE = frozenset({"global", ANYWHERE})


@dataclass(frozen=True, slots=True)
class Missing:
    """Things of a type that may be there unseen: they were not listed.

    Attributes:
        region: where; :data:`ANYWHERE` for the whole account.
        condition: names the type, the account and the region.
    """

    region: str
    condition: str


class Things:
    """Collected items by type and account; each type is read once, when it is asked for."""

    def __init__(self, snapshot: Snapshot, workloads: Iterable[Workload]) -> None:
        """Take a snapshot and the workloads in it."""
        self._snapshot = snapshot
        self._items: dict[str, dict[str, list[Item]]] = {}
        self._workloads: dict[tuple[str, str], list[Workload]] = defaultdict(list)
        for one in workloads:
            self._workloads[one.type, one.account].append(one)
        self._gaps: dict[str, frozenset[str]] = {}
        self._ledger: dict[str, dict[str, list[LedgerRow]]] = {}
        self._profiles: dict[str, tuple[str, ...]] | None = None
        self._agents: dict[tuple[str, str], Item] | None = None

    def of(self, type_id: str, account: str) -> list[Item]:
        """Items of a type in an account."""
        found = self._items.get(type_id)
        if found is None:
            found = self._items[type_id] = defaultdict(list)
            for item in self._snapshot.items(type_id):
                found[item.account_id].append(item)
        return found.get(account, [])

    def ids(self, type_id: str, account: str) -> list[str]:
        """Ids of the items of a type in an account."""
        return [item.id for item in self.of(type_id, account)]

    def workloads(self, type_id: str, account: str) -> list[Workload]:
        """Workloads of a type in an account."""
        return self._workloads.get((type_id, account), [])

    def gap(self, type_id: str, account: str) -> str:
        """The condition that names what was not read of a type; empty if all of it was."""
        if account in self._unread(type_id):
            return condition("not_collected", type_id, account)
        return ""

    def is_read(self, type_id: str, account: str) -> bool:
        """Whether an account was asked for a type, and all of it was read."""
        return account not in self._unread(type_id)

    def missing(self, type_id: str, account: str) -> tuple[Missing, ...]:
        """Where things of a type were not listed; what was refused of single ones is not told.

        Of a type that an account was never asked for anything may be there, unless it has some.
        """
        rows = self._rows(type_id).get(account, ())
        refused = [row for row in rows if row.is_gap]
        each = self._follow_ups(type_id, account) if refused else frozenset()
        regions = {row.region for row in refused if row.operation not in each}
        asked = any(type_id in row.types for row in rows)
        if not asked and not self.of(type_id, account):
            regions = {ANYWHERE}
        if regions & _WHOLE:
            return (Missing(ANYWHERE, condition("not_collected", type_id, account)),)
        return tuple(
            Missing(region, condition("not_collected", type_id, f"{account}/{region}"))
            for region in sorted(regions)
        )

    def _rows(self, type_id: str) -> Mapping[str, list[LedgerRow]]:
        """The ledger's rows about a type, by account."""
        found = self._ledger.get(type_id)
        if found is None:
            found = self._ledger[type_id] = defaultdict(list)
            for row in self._snapshot.ledger:
                if row.is_about((type_id,)):
                    found[row.account_id].append(row)
        return found

    def _follow_ups(self, type_id: str, account: str) -> frozenset[str]:
        """Calls about one item each: what items hold an answer of."""
        names = (name for item in self.of(type_id, account) for name in item.calls)
        return frozenset(name.partition("(")[0] for name in names)

    def _unread(self, type_id: str) -> frozenset[str]:
        """Accounts in which a type was not read whole, or never asked for."""
        found = self._gaps.get(type_id)
        if found is None:
            asked = {
                row.account_id
                for row in self._snapshot.ledger
                if type_id in row.types or ALL_TYPES in row.types
            }
            gaps = {row.account_id for row in self._snapshot.gaps(type_id)}
            never = set(self._snapshot.accounts) - asked
            found = self._gaps[type_id] = frozenset(gaps | never)
        return found

    def profiles(self, role: str) -> tuple[str, ...]:
        """Instance profiles that hold a role."""
        if self._profiles is None:
            self._profiles = profiles_of_roles(self._snapshot)
        return self._profiles.get(role, ())

    def agent(self, account: str, region: str, instance: str, item: Item) -> Answer:
        """Whether Systems Manager's agent answers on an instance.

        https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html
        """
        if self._agents is None:
            self._agents = {
                (one.account_id, str(one.item.get("InstanceId"))): one
                for one in self._snapshot.items(MANAGED)
            }
        known = self._agents.get((account, instance))
        if known is None:
            return self._no_agent(account, region, item)
        ref = Ref.to(known, "/item/PingStatus")
        status = str(known.item.get("PingStatus") or "")
        if status == "Online":
            text = f"{instance} is managed by Systems Manager and online."
            step = Step("SSM agent", item.id, "pass", text, (ref,))
            return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
        text = f"The SSM agent of {instance} is {status or 'of unknown state'}."
        step = Step("SSM agent", item.id, "conditional", text, (ref,))
        return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))

    def _no_agent(self, account: str, region: str, item: Item) -> Answer:
        if gap := self.gap(MANAGED, account):
            text = f"Whether {item.id} is managed by Systems Manager was not collected."
            return Answer(Verdict.CONDITIONAL, why=text, conditions=(gap,), evidence=(text,))
        text = f"Systems Manager manages no instance {item.id} in {region}."
        state = item.item.get("State")
        running = isinstance(state, Mapping) and state.get("Name") == "running"
        step = Step("SSM agent", item.id, "fail" if running else "conditional", text)
        verdict = Verdict.NO if running else Verdict.DORMANT
        return Answer(verdict, why=text, evidence=(text,), steps=(step,))
