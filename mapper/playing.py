"""The demo: a simulated organisation, played through every stage."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mapper.config import Config
from mapper.errors import MapperError

if TYPE_CHECKING:
    from collector.request import CollectResult
    from mapper.demo.world import World
    from mapper.session import Session

Say = Callable[[str], None]


@dataclass
class Clock:
    """Seconds of each stage."""

    say: Say
    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage and say so."""
        begun = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - begun
        self.say(f"{name}: {self.seconds[name]:.1f} s")


@dataclass(frozen=True)
class Played:
    """What the demo left behind."""

    result: CollectResult
    folder: Path
    clock: Clock


def play(folder: Path, *, seed: int | None, size: int, quiet: bool, say: Say) -> Played:
    """Build the organisation on a local simulator and collect it.

    Args:
        folder: gets ``snapshots/<id>`` and ``expected.json``.
        seed: places the scenarios elsewhere; None for the usual places.
        size: how many harmless neighbours there are.
        quiet: no progress of the collection.
        say: where the stages' times go.

    Raises:
        MapperError: the folder cannot be written.
        mapper.demo.server.DemoError: the simulator cannot be started or filled.
    """
    from collector.declare import Depth
    from collector.request import CollectRequest
    from mapper.collecting import collect_with_progress
    from mapper.demo import start_server
    from mapper.demo.world import build, demo_environment

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise MapperError(f"{folder} cannot be made: {problem.strerror}.") from None
    clock = Clock(say)
    with contextlib.ExitStack() as stack:
        with clock.stage("Simulator started"):
            server = stack.enter_context(start_server())
        with clock.stage("Organisation built"):
            world = build(server.endpoint, seed=seed, size=size)
        _write_expected(world, folder / "expected.json")
        with clock.stage("Organisation collected"), only_environment(demo_environment(world)):
            result = collect_with_progress(
                CollectRequest(
                    organisation=True,
                    depth=Depth.CORE,
                    snapshots=folder / "snapshots",
                    fresh=True,
                    # The simulator is one process too, and takes the other core.
                    processes=1,
                ),
                quiet=quiet,
            )
    return Played(result, folder, clock)


def _write_expected(world: World, path: Path) -> None:
    try:
        world.write_expected(path)
    except OSError as problem:
        raise MapperError(f"{path} cannot be written: {problem.strerror}.") from None


def open_played(played: Played) -> Session:
    """A session on the demo's snapshot: without the user's own ``mapper.toml``."""
    from mapper.session import open_session

    return open_session(played.result.path, Config(), say=played.clock.say)


@contextlib.contextmanager
def only_environment(given: Mapping[str, str]) -> Iterator[None]:
    """Put every ``AWS_*`` variable out of sight and these in their place, for a while."""
    hidden = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    before = {name: os.environ[name] for name in given if name in os.environ}
    for name in hidden:
        del os.environ[name]
    os.environ.update(given)
    try:
        yield
    finally:
        for name in given:
            os.environ.pop(name, None)
        os.environ.update(before)
        os.environ.update(hidden)
