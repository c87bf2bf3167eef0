"""The library: open a snapshot, ask its graph, get frames and rows. The only public module.

>>> from mapper import api
>>> with api.open("snapshots/2026-11-22T04-35-24Z-ab12") as world:
...     frame = world.query("peerings", cross_account=True)
...     rows = world.public()
...     answer = world.can("alice", "s3:GetObject", "arn:aws:s3:::data/report")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mapper.config import Config, load_config
from mapper.packages import check_packages
from mapper.session import Session, open_session

if TYPE_CHECKING:
    import pandas

    from graph.derive import Derivation
    from graph.iam.questions import Powers
    from mapper.asking import Asker
    from mapper.given import Given
    from mapper.reaching import Reacher
    from queries.answers.answer import Answered, Filters

check_packages()

__all__ = ["World", "action_names", "open"]


class World:
    """A snapshot and its graph; a context manager that closes the graph."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the graph."""
        self._session.__exit__()

    @property
    def snapshot_id(self) -> str:
        """The snapshot's id."""
        return self._session.snapshot.id

    @property
    def accounts(self) -> tuple[str, ...]:
        """Ids of the accounts that were collected."""
        return self._session.snapshot.accounts

    def derive(self) -> Derivation:
        """Nodes, relationships and every judgement, those that came out ``no`` included."""
        from graph.derive import derive

        return derive(self._session.snapshot)

    def queries(self) -> tuple[str, ...]:
        """Names of the library's queries."""
        return self._session.library.names

    def query(self, name: str, **params: Any) -> pandas.DataFrame:
        """Run a query of the library.

        Raises:
            queries.library.LibraryError: no such query, or a parameter is missing or wrong.
        """
        return self._session.frame(name, params)

    def cypher(self, text: str, **params: Any) -> pandas.DataFrame:
        """Run Cypher of one's own; it may only read.

        Raises:
            queries.library.LibraryError: it would write.
            graph.store.StoreError: the graph refuses it.
        """
        from queries.runner import run_cypher

        return run_cypher(self._session.store, text, params)

    def public(
        self,
        *,
        since: World | str | Path | None = None,
        near: bool | Literal["one", "all"] = False,
        **filters: Any,
    ) -> Answered:
        """What the internet, or any AWS account, reaches.

        Args:
            since: an older snapshot: the rows are what opened, changed, cannot be read any more
                or closed since (``row.own["change"]``).
            near: instead of what is open, what one lock keeps closed (``row.own["locks"]``);
                ``all``: also what several locks do.
            filters: ``accounts, regions, verdicts, sources, types, ports`` (texts, or lists of
                them) and ``no_assume``; see :class:`queries.answers.answer.Filters`.
        """
        wanted = _filters(filters)
        if since is not None and near:
            raise ValueError("since and near are two questions")
        if near:
            from mapper.decoys import near_answer

            return near_answer(self._session, wanted, every=near == "all")
        if since is None:
            return self._session.public(wanted)
        from mapper.comparing import public_since

        if isinstance(since, World):
            return public_since(self._session, since._session, wanted)
        with open_session(Path(since), self._session.config) as older:
            return public_since(self._session, older, wanted)

    def reach(self, source: str, target: str, *, ports: str | Iterable[str] = ()) -> Answered:
        """Whether one thing can send packets to another; ``mapper reach``.

        Args:
            source: an instance, interface, load balancer or database by id, ARN or name, an
                address, ``internet`` or ``on-prem``; or many: ``any``, a VPC, subnet, security
                group or account, ``tag:KEY=VALUE``, a range.
            target: likewise, but for ``on-prem``.
            ports: ``443``, ``tcp/443``, ``udp/53``, ``tcp/8000-8100``, ``icmp``; none for all.

        Returns:
            A row for each way; where there is none, one for each family, ``no``. Of many a row for
            each group that reaches a group, with ``row.own["sources"]`` and ``["targets"]``.
            ``row.own["ports"]``, ``row.own["via"]``, ``row.own["steps"]``.

        Raises:
            mapper.errors.WrongUsageError: a word means nothing, or several things.
            ValueError: a port is none.
        """
        from mapper.reaching import ports_asked
        from queries.answers.answer import Answered
        from queries.answers.coverage import coverage_of
        from queries.answers.reach import NEEDS

        found = self._reacher.answer(source, target, ports_asked(_texts(ports)))
        return Answered("reach", found.rows, coverage_of(self._session.snapshot, NEEDS))

    def trusts(self, **filters: Any) -> Answered:
        """Trust and sharing across accounts, as chains; filters as for :meth:`public`."""
        return self._session.trusts(_filters(filters))

    def admins(self, compute: bool = False, *, workloads: bool = False, **filters: Any) -> Answered:
        """Who reaches admin of which account; ``mapper admins``.

        Args:
            compute: instead, the machines whose role reaches admin.
            workloads: with ``compute``, functions, tasks, builds and every other workload too.
            filters: as for :meth:`public`; ``root=True`` for the root users too.

        Returns:
            A row for each principal (or workload) and account; ``row.own["admin_of"]``,
            ``["path"]``, ``["steps"]``.
        """
        return self._session.admins(_filters(filters), compute=compute, workloads=workloads)

    def paths(
        self,
        start: str = "internet",
        goal: str = "admin",
        *,
        most: int | None = None,
        lateral: bool = False,
        **filters: Any,
    ) -> Answered:
        """Attack paths from one thing to another, best first; ``mapper paths``.

        Args:
            start: ``internet``, or a name, id, ARN, account or type.
            goal: ``admin``, ``data``, or a name, id, ARN, account or type.
            most: only this many, the first.
            lateral: also ways over the network of a machine that is held to what is reached as
                surely without.
            filters: as for :meth:`public`.

        Returns:
            A row for each way in and goal; ``row.own["hops"]`` are its steps, each with a verdict.
            Where there is none, ``answer.remarks`` says how far the start leads.

        Raises:
            mapper.errors.WrongUsageError: a word means nothing, or several things.
        """
        from mapper.attacking import paths_of, wanted

        ends = wanted(self._session, start, goal)
        rows, notes = paths_of(self._session, ends, lateral=lateral)
        return self._session.attack_answer("paths", rows, _filters(filters), most, notes)

    def blast(self, node: str, **filters: Any) -> Answered:
        """Everything that follows from control of a node, the gravest first; ``mapper blast``.

        Args:
            node: a name, id, ARN, account or type, or ``internet``.
            filters: as for :meth:`public`.

        Returns:
            A row for each thing reached; ``row.own["class"]`` and the first way there,
            ``row.own["path"]``.

        Raises:
            mapper.errors.WrongUsageError: the word means nothing, or several things.
        """
        from mapper.attacking import blast_of

        _, rows = blast_of(self._session, node)
        return self._session.attack_answer("blast", rows, _filters(filters))

    def can(
        self,
        principal: str,
        action: str,
        resource: str = "*",
        *,
        context: Mapping[str, str | Iterable[str]] | None = None,
        absent: str | Iterable[str] = (),
        resource_account: str = "",
        session_policies: Iterable[Mapping[str, Any] | str] = (),
    ) -> Answered:
        """Whether a principal can do an action on a resource; ``mapper can``.

        Args:
            principal: a name, an ARN, a session's ARN, a pattern, ``anonymous``, ``any-aws``,
                ``account:ID``, ``service:NAME``.
            action: one action, or a pattern: a row for each that it names.
            resource: an ARN, the name of something collected, a pattern of ARNs, or ``*``.
            context: condition keys of the request with their values.
            absent: keys that the request does not carry; ``all`` for every key that is neither
                given nor known.
            resource_account: owner of the resource, where neither its ARN nor the snapshot tells.
            session_policies: policy documents that limit the session.

        Returns:
            A row for every combination that the words mean, ``no`` included. ``row.verdict``,
            ``row.answer.why``, ``row.answer.conditions``; ``row.own`` holds ``denied_by``,
            ``statements`` and ``expression`` as in ``docs/json.md``.

        Raises:
            mapper.errors.WrongUsageError: a word means nothing, or too much.
        """
        from queries.answers.answer import Filters, answered

        given = _given(context, absent, resource_account, session_policies)
        asked = self._asker.can(principal, action, resource, given)
        rows = [self._asker.row("can", one, given) for one in asked]
        return answered("can", rows, self._asker.coverage(rows), Filters())

    def who_can(
        self,
        action: str,
        resource: str = "*",
        *,
        context: Mapping[str, str | Iterable[str]] | None = None,
        absent: str | Iterable[str] = (),
        resource_account: str = "",
    ) -> Answered:
        """Who can do an action on a resource, root users among them; ``mapper who-can --root``.

        Collected principals, and whom the resource's own policy lets in from outside. Arguments
        as for :meth:`can`; whoever gets ``no`` has no row.

        Raises:
            mapper.errors.WrongUsageError: a word means nothing, or too much.
        """
        from queries.answers.answer import Filters, answered

        given = _given(context, absent, resource_account, ())
        found = self._asker.who_can(action, resource, given)
        rows = [self._asker.row("who-can", one, given, source) for source, one in found]
        coverage = self._asker.coverage(rows, self.accounts)
        return answered("who-can", rows, coverage, Filters())

    def what_can(self, principal: str) -> Powers:
        """What a collected principal's own policies let it do; ``mapper can PRINCIPAL``.

        ``powers.powers`` are disjoint sets of actions with their reach;
        :func:`action_names` gives the actions of a set.

        Raises:
            mapper.errors.WrongUsageError: nobody of that name, several, or one that was not
                collected.
        """
        from graph.iam.questions import what_can
        from mapper.given import Given

        return what_can(self._asker.world, self._asker.collected(principal, Given()))

    @cached_property
    def _reacher(self) -> Reacher:
        from mapper.reaching import Reacher

        parties = self._session.parties
        return Reacher(self._session.snapshot, {**parties.names, **parties.own})

    @cached_property
    def _asker(self) -> Asker:
        from mapper.asking import Asker

        return Asker(self._session)

    def frame(self, answer: Answered) -> pandas.DataFrame:
        """An answer's rows as a frame, one column per JSON member."""
        import pandas

        return pandas.DataFrame([row.as_json() for row in answer.rows])


def action_names(actions: int) -> list[str]:
    """The actions of a set, such as :attr:`graph.iam.questions.Power.actions`."""
    from graph.iam import catalogue

    return catalogue.names(actions)


def open(  # noqa: A001 - api.open reads as it should
    snapshot: str | Path,
    *,
    graph: str | None = None,
    config: str | Path | None = None,
    what_if: str | Path | None = None,
) -> World:
    """Open a snapshot.

    Args:
        snapshot: a directory or a zip.
        graph: ``bolt://...`` or a file that holds its graph; None for the embedded one, which is
            built in the cache on first use.
        config: a ``mapper.toml``; None for none.
        what_if: a JSON list of changes to the snapshot, as ``--what-if`` takes it; None for none.

    Raises:
        collector.snapshot.SnapshotError: the snapshot cannot be read.
        mapper.errors.MapperError: the configuration cannot be read.
    """
    read = load_config(Path(config)) if config is not None else Config()
    changes = None if what_if is None else Path(what_if)
    return World(open_session(Path(snapshot), read, target=graph, what_if=changes))


def _given(
    context: Mapping[str, str | Iterable[str]] | None,
    absent: str | Iterable[str],
    resource_account: str,
    session_policies: Iterable[Mapping[str, Any] | str],
) -> Given:
    from dataclasses import replace

    from mapper.given import given_of, session_policy

    pairs = [
        f"{key}={value}" for key, values in (context or {}).items() for value in _texts(values)
    ]
    stated = given_of(pairs, _texts(absent), resource_account)
    policies = tuple(session_policy(one, "a session policy") for one in session_policies)
    return replace(stated, session_policies=policies)


def _filters(given: dict[str, Any]) -> Filters:
    from dataclasses import fields

    from graph.verdict import Verdict
    from queries.answers.answer import Filters

    known = {field.name for field in fields(Filters)}
    read: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise TypeError(f"there is no filter {name!r}")
        if name == "verdicts":
            read[name] = tuple(Verdict(text) for text in _texts(value))
        else:
            read[name] = value if isinstance(value, bool) else _texts(value)
    return Filters(**read)


def _texts(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
