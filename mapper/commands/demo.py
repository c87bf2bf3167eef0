"""``mapper demo``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from mapper.options import Asked, asks


@click.command(name="demo", epilog="Example: mapper demo /tmp/demo --seed 7")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Places the scenarios in other accounts, regions, names and networks.",
)
@click.option(
    "--size",
    type=click.IntRange(0, 50),
    default=1,
    show_default=True,
    help="How many harmless neighbours surround the scenarios.",
)
@asks(snapshot=False, config=False, graph=False, filters=False, formats=None)
def command(asked: Asked, directory: Path, seed: int | None, size: int) -> int:
    """Play an organisation on a local AWS simulator, collect it, answer and draw.

    Needs no AWS account and never talks to AWS: your AWS settings are put out of sight. Leaves
    DIRECTORY/snapshots/<id>, DIRECTORY/map.html and DIRECTORY/expected.json (what is true of the
    simulated organisation, whatever mapper answers).
    """
    from mapper.answering import answer_text
    from mapper.attacking import ADMIN, INTERNET, paths_of, wanted
    from mapper.invocation import program
    from mapper.mapping import public_map
    from mapper.output.write import replace_file, write_text
    from mapper.playing import open_played, play
    from queries.answers.answer import Filters
    from viz.map import render_map

    played = play(directory, seed=seed, size=size, quiet=asked.quiet, say=asked.say)
    with open_played(played) as session:
        with played.clock.stage("Graph derived and loaded"):
            _ = session.store
        with played.clock.stage("Questions answered"):
            paths, notes = paths_of(session, wanted(session, INTERNET, ADMIN))
            answers = (
                session.public(Filters()),
                session.trusts(Filters()),
                session.admins(Filters(), compute=True),
                session.attack_answer("paths", paths, Filters(), notes=notes),
            )
        for answer in answers:
            write_text(answer_text(asked, session, answer) + "\n", None)
        with played.clock.stage("Map drawn"):
            page = render_map(public_map(session, Filters()))
            replace_file(directory / "map.html", page.encode("utf-8"))
    total = sum(played.clock.seconds.values())
    asked.say(f"All in {total:.1f} s. Look at {directory / 'map.html'}; ask on with:")
    asked.say(f"  {program()} public --snapshot {shlex.quote(str(played.result.path))}")
    return played.result.exit_code
