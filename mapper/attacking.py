"""``mapper paths`` and ``mapper blast``: what their words mean, and the rows that answer."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mapper.errors import WrongUsageError
from mapper.explaining_names import profiled_role
from mapper.naming import nearest
from mapper.output.names import bare_name, short_name

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.answer import Answered, Filters
    from queries.answers.attack import AttackGraph, Thing, Tree
    from queries.answers.row import Row
    from queries.answers.ways import Goal

INTERNET, ADMIN, DATA = "internet", "admin", "data"
_CANDIDATES = 12
_EXAMPLES = 3
_OURS = frozenset({"NetworkTarget", "NetworkGroup", "NetworkRange", "PrincipalSet", "ResourceSet"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ends that were asked for.

    Attributes:
        start, goal: as they were written.
        starts: node ids.
        goals: where paths may end.
    """

    start: str
    goal: str
    starts: tuple[str, ...]
    goals: tuple[Goal, ...]


class Ends:
    """What may be named as an end of a path: by id, ARN, name, type, account."""

    def __init__(self, session: Session, graph: AttackGraph) -> None:
        self._graph = graph
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._by_type: dict[str, set[str]] = defaultdict(set)
        for thing in graph.things.values():
            if thing.end.labels & _OURS:
                continue
            for word in _words(thing):
                self._by_word[word].add(thing.id)
            for kind in _kinds(thing):
                self._by_type[kind].add(thing.id)
            if thing.id.startswith("account:"):
                number = thing.id.removeprefix("account:")
                for name in (number, session.parties.name(number)):
                    if name:
                        self._by_word[name].add(thing.id)
        self._session = session

    def starts(self, text: str) -> tuple[str, ...]:
        """Where paths start.

        Raises:
            WrongUsageError: nothing has that name, or several things.
        """
        if text == INTERNET:
            return tuple(self._graph.public_sources())
        return self.nodes(text)

    def goals(self, text: str) -> tuple[Goal, ...]:
        """Where paths end.

        Raises:
            WrongUsageError: nothing has that name, or several things.
        """
        from queries.answers.paths import admin_goals, data_goals
        from queries.answers.ways import Goal

        if text == ADMIN:
            return tuple(admin_goals(self._graph))
        if text == DATA:
            return tuple(data_goals(self._graph))
        return tuple(Goal(node, had=node.startswith("account:")) for node in self.nodes(text))

    def nodes(self, text: str) -> tuple[str, ...]:
        """The node that a text means, or all of a type.

        Raises:
            WrongUsageError: nothing has that name, or several things.
        """
        if text in self._graph.things:
            return (text,)
        named = self._by_word.get(text, set())
        found = sorted(node for node in named if profiled_role(node) not in named)
        typed = sorted(self._by_type.get(text.lower(), ()))
        if typed and found:
            raise WrongUsageError(
                f"{text!r} is a type and a name: give the id ({found[0]}), or the type as "
                "AWS::SERVICE::TYPE."
            )
        if len(found) == 1:
            return tuple(found)
        if found:
            listed = "\n".join(f"  {node}" for node in found[:_CANDIDATES])
            more = f"\n  and {len(found) - _CANDIDATES} more" if len(found) > _CANDIDATES else ""
            raise WrongUsageError(
                f"{text!r} means {len(found)} things; name one by its id:\n{listed}{more}"
            )
        if typed:
            return tuple(typed)
        raise WrongUsageError(self._unknown(text))

    def _unknown(self, text: str) -> str:
        known = self._elsewhere(text)
        if known:
            return (
                f"{known} is in the snapshot, but no attack step starts or ends there: nothing "
                "leads to it, and it leads nowhere."
            )
        near = nearest(text, self._by_word, 5, 0.65)
        hint = f" The nearest names: {', '.join(near)}." if near else ""
        return (
            f"There is nothing called {text!r} in this snapshot.{hint} Besides names, ids and "
            "ARNs: internet, admin, data, or a type such as instance or bucket."
        )

    def _elsewhere(self, text: str) -> str:
        rows = self._session.store.run(
            "MATCH (n:Resource) WHERE n.id = $text OR n.name = $text RETURN n.id AS id LIMIT 1",
            {"text": text},
        )
        return str(rows[0]["id"]) if rows else ""


def _words(thing: Thing) -> Iterable[str]:
    short = short_name(thing.id)
    words = {thing.end.name or "", short, short.rpartition("/")[2], thing.id.rpartition(":")[2]}
    return words - {""}


def _kinds(thing: Thing) -> Iterable[str]:
    kind = (thing.end.resource_type or "").lower()
    last = kind.rpartition("::")[2]
    return {kind, last, kind.partition("::")[2], *(label.lower() for label in thing.end.labels)}


def graph_from(session: Session, start: str) -> AttackGraph:
    """The graph to walk from a word."""
    graph = session.attack_graph
    return graph.from_internet() if start == INTERNET else graph


def wanted(session: Session, start: str, goal: str) -> Wanted:
    """The ends of ``mapper paths``.

    Raises:
        WrongUsageError: an end means nothing, or several things.
    """
    ends = Ends(session, session.attack_graph)
    return Wanted(start, goal, ends.starts(start), ends.goals(goal))


def paths_of(
    session: Session, asked: Wanted, *, lateral: bool = False
) -> tuple[list[Row], tuple[str, ...]]:
    """Rows of ``mapper paths``, the strongest and shortest first, with what is to be said of them.

    Args:
        session: the snapshot.
        asked: the ends.
        lateral: also ways over a machine's network to what is reached as surely without.
    """
    from mapper.output.words import counted
    from queries.answers.paths import found_paths

    graph = graph_from(session, asked.start)
    found = found_paths(graph, asked.starts, asked.goals, session.parties, lateral=lateral)
    had = _data_of_accounts(session, graph, asked, found.rows) if asked.goal == DATA else ()
    if not found.rows:
        return [], (*nothing_found(session, asked), *had)
    if not found.lateral_left_out:
        return found.rows, had
    more = counted(found.lateral_left_out, "more path")
    text = f"{more} over a machine's network to what is reached as surely without: --lateral."
    return found.rows, (text, *had)


def _data_of_accounts(
    session: Session, graph: AttackGraph, asked: Wanted, rows: Iterable[Row]
) -> tuple[str, ...]:
    """What is in the hands of who is admin of an account, which no row tells store by store."""
    from graph.verdict import Verdict
    from mapper.output.words import counted
    from queries.answers.attack import Tree

    tree = Tree(graph, sorted(asked.starts), Verdict.CONDITIONAL)
    had = sorted(node for node in tree.nodes if "AWSAccount" in graph.things[node].end.labels)
    told = {row.id for row in rows}
    stores = {goal.node for goal in asked.goals} & tree.nodes.keys() - told
    if not had or not stores:
        return ()
    names = [session.parties.name(one.removeprefix("account:")) or one for one in had]
    listed = ", ".join(names[:_EXAMPLES]) + f" and {len(names) - _EXAMPLES} more" * (
        len(names) > _EXAMPLES
    )
    text = (
        f"Besides, {counted(len(stores), 'data store')} and secrets are in the hands of who is "
        f"admin of {listed}: mapper blast {asked.start} lists them."
    )
    return (text,)


def toxic_answer(session: Session, filters: Filters, most: int | None = None) -> Answered:
    """The answer of ``mapper paths --toxic``, the highest score first.

    Args:
        session: the snapshot.
        filters: which rows are wanted.
        most: of those, only this many.
    """
    from queries.answers.toxic import order, toxic_rows

    rows = toxic_rows(graph_from(session, INTERNET), session.parties)
    answer = session.attack_answer("paths", rows, filters)
    ranked = tuple(sorted(answer.rows, key=order))
    kept = ranked if most is None else ranked[:most]
    return replace(answer, rows=kept, left_out=len(ranked) - len(kept))


def blast_of(session: Session, subject: str) -> tuple[tuple[str, ...], list[Row]]:
    """What was named, and the rows of ``mapper blast``.

    Raises:
        WrongUsageError: the word means nothing, or several things.
    """
    from queries.answers.blast import blast_rows

    starts = Ends(session, session.attack_graph).starts(subject)
    return starts, blast_rows(graph_from(session, subject), starts, session.parties)


def nothing_found(session: Session, asked: Wanted) -> tuple[str, ...]:
    """Why there is no path: how far the starts lead, what could not be seen from there."""
    from graph.verdict import Verdict
    from mapper.output.words import counted
    from queries.answers.attack import Tree

    if not asked.starts:
        return ("Nothing is reached from there: mapper public lists nothing.",)
    graph = graph_from(session, asked.start)
    tree = Tree(graph, sorted(asked.starts), Verdict.UNKNOWN)
    unread = _unread(tree)
    hidden = _hidden(unread)
    passed = {node for node in tree.nodes if graph.things[node].end.labels & _OURS}
    found = tree.nodes.keys() - unread.keys() - passed - set(asked.starts)
    if not found:
        text = (
            f"{asked.start} leads nowhere: no trust, right or open port starts there that this "
            "snapshot shows."
        )
        return (text, *_nearest_lock(session, graph, set(asked.starts), asked), *hidden)
    roles = sum("IAMRole" in graph.things[node].end.labels for node in found)
    things = counted(len(found), "thing")
    text = (
        f"{asked.start} leads to {things} ({roles} of them roles), none of which leads on to "
        f"{asked.goal}: mapper blast {asked.start} lists them."
    )
    return (text, *_nearest_lock(session, graph, {*found, *asked.starts}, asked), *hidden)


def _nearest_lock(
    session: Session, graph: AttackGraph, reached: set[str], asked: Wanted
) -> tuple[str, ...]:
    """The step that is refused and would lead on soonest to what was asked for."""
    from graph.verdict import Verdict

    steps = _steps_to(graph, asked)
    if closed := _closed_trust(session, reached, steps):
        return closed
    best = min(
        (
            (steps[one.target], one.source not in asked.starts, one.source, one.target, one)
            for one in session.derivation.judgements
            if one.answer.verdict is Verdict.NO
            and one.question != "admin"
            and one.source in reached
            and one.target in steps
        ),
        key=lambda row: row[:4],
        default=None,
    )
    if best is None:
        return ()
    lock = best[-1]
    ends = f"{short_name(lock.source)} {short_name(lock.target)}"
    return (f"The nearest lock: {lock.answer.why} (mapper explain {ends})",)


def _closed_trust(session: Session, reached: set[str], steps: dict[str, int]) -> tuple[str, ...]:
    """A role on the way that trusts who is reached, who may not assume it all the same."""
    homes: dict[str, str] = {}
    for one in sorted(reached):
        if one.startswith("arn:") and ":iam::" in one:
            homes.setdefault(f"account:{one.split(':')[4]}", one)
    rows = session.store.run("MATCH (r)-[:TRUSTS]->(p) RETURN r.id AS role, p.id AS who", {})
    shut = [
        (
            steps[row["role"]],
            row["role"],
            row["who"] if row["who"] in reached else homes[row["who"]],
        )
        for row in rows
        if row["role"] in steps
        and row["role"] not in reached
        and (row["who"] in reached or row["who"] in homes)
    ]
    if not shut:
        return ()
    _, role, who = min(shut)
    ends = f"{bare_name(who)} {bare_name(role)}"
    return (
        f"The nearest lock: {bare_name(role)} trusts {bare_name(who)} or its account, but may "
        f"not be assumed by it: mapper explain {ends} tells why.",
    )


def _steps_to(graph: AttackGraph, asked: Wanted) -> dict[str, int]:
    """How many steps each node is from what was asked for, whatever the way in."""
    into: dict[str, list[str]] = defaultdict(list)
    for link in graph.every_link():
        into[link.hop.end.id].append(link.hop.start.id)
    found = dict.fromkeys((goal.node for goal in asked.goals), 0)
    queue = deque(found)
    while queue:
        here = queue.popleft()
        for before in into[here]:
            if before not in found:
                found[before] = found[here] + 1
                queue.append(before)
    return found


def _unread(tree: Tree) -> dict[str, str]:
    """What may be there unseen, of all that some starts lead to, with who could use it."""
    from graph.escalation.unread import MECHANISM

    steps = ((spot.node, step[0].hop) for spot, step in tree.first.items() if step is not None)
    return {node: hop.answer.why for node, hop in steps if hop.mechanism == MECHANISM}


def _hidden(unread: Mapping[str, str]) -> tuple[str, ...]:
    """Sentences about what may hide a path: the types, and the first of who could use them."""
    if not unread:
        return ()
    names = sorted(node.removeprefix("resource-set:") for node in unread)
    shown = ", ".join(" of ".join(reversed(name.split("/", 1))) for name in names[:_CANDIDATES])
    more = f" and {len(names) - _CANDIDATES} more" if len(names) > _CANDIDATES else ""
    told = (unread[node] for node in sorted(unread)[:_EXAMPLES])
    return (f"A path may be hidden by what was not collected: {shown}{more}.", *told)
