"""One run of a command on one snapshot: configuration, snapshot, graph, answers."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapper.config import Config
from mapper.graphs import Say, open_graph

if TYPE_CHECKING:
    import pandas

    from collector.snapshot import Snapshot
    from graph.derive import Derivation
    from graph.network.world import NetworkWorld
    from graph.store import Store
    from graph.verdict import Verdict
    from queries.answers.answer import Answered, Filters
    from queries.answers.attack import AttackGraph
    from queries.answers.chains_wanted import Wanted
    from queries.answers.coverage import Coverage
    from queries.answers.parties import Parties
    from queries.answers.row import Row
    from queries.library import Library


def silent(_: str) -> None:
    """Say nothing."""


@dataclass
class Session:
    """A snapshot, its graph, and the answers to the commands' questions.

    Attributes:
        snapshot: opened.
        config: ``mapper.toml``.
        target: ``--graph``; None for the snapshot's embedded graph.
        say: where progress goes.
        stale: show what could not be read any more.
        timeout: seconds that one query may take; None for no limit.
    """

    snapshot: Snapshot
    config: Config = field(default_factory=Config)
    target: str | None = None
    say: Say = silent
    stale: bool = False
    timeout: float | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def store(self) -> Store:
        """The graph, opened (and built) on first use."""
        return open_graph(self.snapshot, self.target, self.say)

    @cached_property
    def library(self) -> Library:
        """The built-in queries and those of ``query_paths``."""
        from queries.library import load_library

        return load_library(self.config.query_paths)

    def frame(self, name: str, params: Mapping[str, Any] | None = None) -> pandas.DataFrame:
        """Run a query of the library."""
        from queries.runner import run_query

        given = dict(params or {})
        if self.stale and any(p.name == "stale" for p in self.library.get(name).parameters):
            given.setdefault("stale", True)
        return run_query(self.store, name, given, library=self.library, timeout=self.timeout)

    @cached_property
    def parties(self) -> Parties:
        """Who the accounts are."""
        from queries.answers.parties import Parties

        names: dict[str, str] = {}
        organisations: set[str] = set()
        management: set[str] = set()
        for item in self.snapshot.items("org:account"):
            names[str(item.item.get("Id"))] = str(item.item.get("Name") or "")
        for item in self.snapshot.items("org:organization"):
            found = item.call("describe_organization").value or {}
            described = found.get("Organization", found)
            if organisation := described.get("Id"):
                organisations.add(str(organisation))
            if manager := described.get("MasterAccountId"):
                management.add(str(manager))
        return Parties(
            collected=frozenset(self.snapshot.accounts),
            organisation=frozenset(names),
            own=self.config.accounts,
            trusted=frozenset(self.config.trusted_accounts),
            vendors=self.config.vendors,
            trusted_cidrs=self.config.trusted_cidrs,
            names={account: name for account, name in names.items() if name},
            organisation_ids=frozenset(organisations),
            sensitive_tags=frozenset(tag.lower() for tag in self.config.sensitive_tags),
            management=frozenset(management),
        )

    def coverage(self, *queries: str, types: Iterable[str] = ()) -> Coverage:
        """What is missing of what these queries need, and of these snapshot types."""
        from queries.answers.coverage import coverage_of

        needs = {need for name in queries for need in self.library.get(name).needs}
        return coverage_of(self.snapshot, needs | set(types))

    @cached_property
    def derivation(self) -> Derivation:
        """Everything that follows from the snapshot, with what was judged ``no``."""
        from graph.derive import derive

        return derive(self.snapshot)

    @cached_property
    def network(self) -> NetworkWorld:
        """What the network engine knows of the snapshot."""
        from graph.network.from_snapshot import network_world

        return network_world(self.snapshot)

    @cached_property
    def host_names(self) -> Mapping[str, tuple[str, ...]]:
        """Host names of AWS under which a node answers, and names of one's own that lead to it."""
        from graph.front_doors import Sight
        from graph.front_doors.dns import hosts, names_of
        from graph.iam.from_snapshot import from_snapshot

        sight = Sight(self.snapshot, self.network, from_snapshot(self.snapshot))
        found: dict[str, list[str]] = {node: list(names) for node, names in names_of(sight).items()}
        for host, nodes in hosts(sight).items():
            for node in nodes:
                found.setdefault(node, []).append(host)
        return {node: tuple(dict.fromkeys(names)) for node, names in found.items()}

    @cached_property
    def admin_behind(self) -> Mapping[str, Verdict]:
        """Ids of machines and roles that reach admin of an account, with the verdict of that."""
        from queries.answers.admins import admin_behind

        return admin_behind(self._steps)

    @cached_property
    def _steps(self) -> pandas.DataFrame:
        return self.frame("identity-steps")

    @cached_property
    def public_rows(self) -> list[Row]:
        """Every row of ``public``, unfiltered."""
        from queries.answers.public import public_rows

        return public_rows(
            self.frame("public-network"),
            self.frame("public-access"),
            self.parties,
            self.admin_behind,
        )

    @cached_property
    def trust_rows(self) -> list[Row]:
        """Every row of ``trusts``, unfiltered."""
        from queries.answers.trusts import trust_rows

        return trust_rows(
            self.frame("trusts"),
            self._steps,
            self.frame("shared-with-outside"),
            self.parties,
            self.frame("data-behind-trusts"),
            self.frame("data-flows-outside"),
            self.frame("public-access"),
        )

    @cached_property
    def admin_rows(self) -> list[Row]:
        """Every row of ``admins``, unfiltered."""
        from queries.answers.admins import admin_rows

        return admin_rows(self._steps, self.parties)

    @cached_property
    def compute_rows(self) -> list[Row]:
        """Every row of ``admins --compute --workloads``, unfiltered."""
        from queries.answers.admins import compute_rows
        from queries.answers.public import strongest_public

        return compute_rows(
            self._steps,
            self.frame("machines"),
            self.parties,
            strongest_public(self.public_rows),
            self.coverage("public-network"),
        )

    @cached_property
    def attack_graph(self) -> AttackGraph:
        """Every attack step, to be walked."""
        from queries.answers.attack import AttackGraph
        from queries.runner import records

        return AttackGraph(records(self.frame("attack-nodes")), records(self.frame("attack-steps")))

    @cached_property
    def path_rows(self) -> list[Row]:
        """Attack paths from the internet to admin, what ``mapper paths`` gives unasked."""
        from queries.answers.paths import admin_goals, path_rows

        graph = self.attack_graph
        starts = graph.public_sources()
        return path_rows(graph.from_internet(), starts, admin_goals(graph), self.parties)

    def attack_answer(
        self,
        command: str,
        rows: Iterable[Row],
        filters: Filters,
        most: int | None = None,
        notes: tuple[str, ...] = (),
    ) -> Answered:
        """The answer of ``mapper paths`` or ``mapper blast``, in the order of its rows.

        Args:
            command: ``paths`` or ``blast``.
            rows: best first.
            filters: which are wanted.
            most: of those that are wanted, give this many, the first (``-k``).
            notes: what is told where there is nothing.
        """
        coverage = self.coverage("attack-steps", "attack-nodes")
        answer = self.answered(command, rows, coverage, filters)
        kept = answer.rows if most is None else answer.rows[:most]
        left = len(answer.rows) - len(kept)
        return dataclasses.replace(answer, rows=kept, left_out=left, remarks=notes)

    def public(self, filters: Filters) -> Answered:
        """The answer of ``mapper public``."""
        from queries.answers.public import QUERIES

        return self.answered("public", self.public_rows, self.coverage(*QUERIES), filters)

    def trusts(self, filters: Filters, wanted: Wanted | None = None) -> Answered:
        """The answer of ``mapper trusts``.

        Raises:
            mapper.errors.WrongUsageError: ``wanted`` names an account that no row is of.
        """
        from queries.answers.trusts import QUERIES

        coverage = self.coverage(*QUERIES)
        if wanted is None:
            return self.answered("trusts", self.trust_rows, coverage, filters)
        from mapper.trusting import chosen

        rows, not_known = chosen(self, wanted)
        answer = self.answered("trusts", rows, coverage, filters)
        return dataclasses.replace(answer, not_evaluated=(*not_known, *answer.not_evaluated))

    def admins(
        self, filters: Filters, compute: bool = False, *, workloads: bool = False
    ) -> Answered:
        """The answer of ``mapper admins``.

        Args:
            filters: which rows are wanted.
            compute: machines instead of principals.
            workloads: with ``compute``, every other kind of workload too; so where the filters
                name types.
        """
        if compute:
            from mapper.workloads import compute_answer

            return compute_answer(self, filters, workloads=workloads or bool(filters.types))
        needed = self.coverage("identity-steps", "admins-paths")
        return self.answered("admins", self.admin_rows, needed, filters)

    def answered(
        self, command: str, rows: Iterable[Row], coverage: Coverage, filters: Filters
    ) -> Answered:
        """Rows of a command as its answer: filtered, ordered, with what is accepted marked."""
        from mapper.filtering import check_filters
        from queries.answers.answer import answered
        from queries.answers.coverage import not_evaluated

        check_filters(self, filters)
        return answered(command, rows, coverage, filters, self.accepted, not_evaluated(command))

    @property
    def accepted(self) -> dict[str, str]:
        """Key to reason of what ``mapper.toml`` accepts today."""
        return self.config.accepted_on(datetime.datetime.now(datetime.UTC).date())


def open_session(
    path: Path,
    config: Config,
    *,
    target: str | None = None,
    what_if: Path | None = None,
    say: Say = silent,
    stale: bool = False,
) -> Session:
    """Open a snapshot for asking.

    Raises:
        collector.snapshot.SnapshotError: it cannot be read.
    """
    from mapper.snapshots import open_snapshot

    return Session(open_snapshot(path, what_if), config, target, say, stale)
