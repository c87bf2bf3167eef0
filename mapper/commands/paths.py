"""``mapper paths``."""

from __future__ import annotations

import click

from mapper.completion import resources
from mapper.options import Asked, asks


@click.command(
    name="paths",
    epilog="Examples: mapper paths --from internet --to admin; mapper paths --from web-role "
    "--to data; mapper paths --from 111122223333 --to prod -k 5",
)
@click.option(
    "--from",
    "start",
    default="internet",
    show_default=True,
    metavar="X",
    shell_complete=resources,
    help="Where the attacker starts: internet, or a name, id, ARN, account or type.",
)
@click.option(
    "--to",
    "goal",
    default="admin",
    show_default=True,
    metavar="Y",
    shell_complete=resources,
    help="Where the attacker wants to go: admin, data, or a name, id, ARN, account or type.",
)
@click.option(
    "-k",
    "most",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="Only this many, the best first.",
)
@asks()
def command(asked: Asked, start: str, goal: str, most: int | None) -> int:
    """Attack paths: from the internet, or anything, step by step to admin, data, or anything.

    One path for each way in (a machine, role or function that the start leads to first) and goal:
    the strongest, then the shortest. Steps are network reach, a machine's role, roles that are
    assumed, escalation techniques, admin rights, access to data; each has a verdict of its own, and
    a path has that of its weakest step.
    """
    with asked.open() as session:
        from mapper.answering import write_answer
        from mapper.attacking import nothing_found, paths_of, wanted

        ends = wanted(session, start, goal)
        rows = paths_of(session, ends)
        notes = () if rows else nothing_found(session, ends)
        left = 0
        if most is not None and len(rows) > most:
            left, rows = len(rows) - most, rows[:most]
        answer = session.attack_answer("paths", rows, asked.filters(session), left, notes)
        return write_answer(asked, session, answer)
