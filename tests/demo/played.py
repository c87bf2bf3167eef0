"""A demo world that is played, collected, asked, flipped and asked again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from collector.collect import collect
from collector.declare import Depth
from collector.request import CollectRequest, CollectResult, Part
from collector.services import TYPES
from collector.snapshot import Snapshot
from mapper.demo.server import DemoServer
from mapper.demo.world import World, build, demo_environment
from mapper.demo.world.facts import Thing
from mapper.demo.world.truth import ExpectedRow, expected_rows, rows_of
from mapper.playing import only_environment
from mapper.session import Session
from queries.answers.row import Row

Key = tuple[str, str, str, str, str, str]
"""Command, id, source, mechanism, target, reach: what makes a row the same row."""
REDACTION_KEY = b"k" * 32


@dataclass
class PlayedWorld:
    """A world on a running server, with its newest snapshot.

    Attributes:
        world: what was built.
        folder: where snapshots go.
        snapshot: the newest one.
        things: the declarations as they are true now, flipped ones included.
    """

    world: World
    folder: Path
    snapshot: Path
    things: list[Thing]
    count: int = 0
    results: list[CollectResult] = field(default_factory=list)

    @classmethod
    def begin(cls, server: DemoServer, folder: Path, seed: int | None) -> PlayedWorld:
        """Build the organisation and collect all of it."""
        world = build(server.endpoint, seed=seed, size=1)
        played = cls(world, folder, folder / "none", list(world.things))
        played._collect()
        return played

    def _collect(self, only: tuple[Part, ...] = ()) -> None:
        self.count += 1
        path = self.folder / f"snapshot-{self.count}"
        request = CollectRequest(
            organisation=True,
            depth=Depth.CORE,
            path=path,
            fresh=True,
            redaction_key=REDACTION_KEY,
            only=only,
            base=self.snapshot if only else None,
            processes=1,
        )
        with only_environment(demo_environment(self.world)):
            self.results.append(collect(request))
        self.snapshot = path

    def flip(self, names: Iterable[str]) -> None:
        """Flip the controls of some things and collect again what that touches."""
        parts: dict[tuple[str, str], set[str]] = {}
        for name in names:
            self.world.flip(name)
            for touch in self.world.thing(name).touches:
                types = {
                    name
                    for name in CollectRequest(depth=Depth.CORE).type_ids
                    if {TYPES[name].client, TYPES[name].service} & set(touch.services)
                }
                parts.setdefault((touch.account_id, touch.region), set()).update(types)
            self.things = [
                replace(thing, facts=thing.flipped) if thing.name == name else thing
                for thing in self.things
            ]
        self._collect(
            tuple(Part(a, place, frozenset(types)) for (a, place), types in sorted(parts.items()))
        )

    def session(self) -> Session:
        """A session on the newest snapshot, with its embedded graph."""
        return Session(Snapshot.open(self.snapshot))

    def answers(self) -> dict[Key, Row]:
        """Every row of public, trusts, admins and admins --compute, by its meaning."""
        with self.session() as session:
            return rows_by_meaning(session)

    def truth(self) -> dict[Key, ExpectedRow]:
        """What is true now and settled by an engine that is built."""
        return {row.key: row for row in rows_of(self.things) if row.settled}

    def declared(self) -> list[ExpectedRow]:
        """Every row of ``expected.json``."""
        return expected_rows(self.world.things)


def rows_by_meaning(session: Session) -> dict[Key, Row]:
    """The commands' rows under the keys that ``expected.json`` uses."""
    found: dict[Key, Row] = {}
    for row in session.public_rows:
        found["public", row.id, row.own["source"], row.own["mechanism"], "", ""] = row
    for row in session.trust_rows:
        assumed = row.own["hops"][0]["type"] == "CAN_ASSUME"
        mechanism = "sts:AssumeRole" if assumed else row.own["mechanism"]
        found["trusts", row.id, row.own["from"], mechanism, row.own["ends_in"], ""] = row
    for command, rows in (
        ("admins", session.admin_rows),
        ("admins --compute", session.compute_rows),
    ):
        for row in rows:
            key = (command, row.id, "", "", row.own["admin_of"], row.own["reach"])
            found[key] = row
    return found


def difference(truth: dict[Key, ExpectedRow], found: dict[Key, Row]) -> list[str]:
    """What differs, a line each: missing, unexpected, or another verdict."""
    lines = []
    for key in sorted(truth.keys() | found.keys()):
        true = truth[key].verdict if key in truth else "no"
        ours = str(found[key].verdict) if key in found else "no"
        if true != ours:
            lines.append(f"{' '.join(key)}: true {true}, answered {ours}")
    return lines


def unsettled(world: World) -> list[ExpectedRow]:
    """Rows that an engine which is not built would settle."""
    return [row for row in expected_rows(world.things) if not row.settled]
