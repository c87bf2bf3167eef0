"""``mapper paths``."""

from __future__ import annotations

from pathlib import Path

import click

from mapper.completion import resources
from mapper.errors import WrongUsageError
from mapper.options import Asked, asks


@click.command(
    name="paths",
    epilog="Examples: mapper paths --from internet --to admin; mapper paths --from web-role "
    "--to data; mapper paths --from 111122223333 --to prod -k 5; mapper paths --choke",
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
@click.option(
    "--lateral",
    is_flag=True,
    help="Also ways over the network of a machine that is held to what is reached as surely "
    "without.",
)
@click.option(
    "--toxic",
    is_flag=True,
    help="Instead: the exposed machines whose role leads to admin or data, ranked by how open the "
    "port, how weak the machine, how far the role reaches and what it reaches.",
)
@click.option(
    "--choke",
    is_flag=True,
    help="Instead of the paths, the few changes that cut most of them.",
)
@click.option(
    "--verify",
    type=click.Choice(("none", "top", "all")),
    help="With --choke: derive the graph again with none of the changes, the first three (unasked) "
    "or all, and count what is left.",
)
@click.option(
    "--write-overlay",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="With --choke: write each change, and the whole plan, as a file for --what-if.",
)
@asks()
def command(
    asked: Asked,
    start: str,
    goal: str,
    most: int | None,
    lateral: bool,
    toxic: bool,
    choke: bool,
    verify: str | None,
    folder: Path | None,
) -> int:
    """Attack paths: from the internet, or anything, step by step to admin, data, or anything.

    One path for each way in (a machine, role or function that the start leads to first) and goal:
    the strongest, then the shortest. Steps are network reach, a machine's role, roles that are
    assumed, escalation techniques, admin rights, access to data; each has a verdict of its own, and
    a path has that of its weakest step. Machines through which the same path leads are one row.

    With --choke: what to change. First the change that cuts most paths, then the one that cuts most
    of what is left; then others that alone cut every path.

    With --toxic: where to begin. A score from 0 to 100 is the product of a factor for each part,
    which every row gives with its reason; docs/paths.md has the table.
    """
    if (verify or folder) and not choke:
        raise WrongUsageError("--verify and --write-overlay belong to --choke.")
    if toxic and (choke or lateral or (start, goal) != ("internet", "admin")):
        raise WrongUsageError(
            "--toxic asks from the internet to admin and data at once: leave --from, --to, "
            "--lateral and --choke out."
        )
    with asked.open() as session:
        from mapper.answering import write_answer
        from mapper.attacking import paths_of, toxic_answer, wanted

        if toxic:
            ranked = toxic_answer(session, asked.filters(session), most)
            return write_answer(asked, session, ranked)
        ends = wanted(session, start, goal)
        if choke:
            from mapper.choking import write_choke

            return write_choke(asked, session, ends, most, verify or "top", folder)
        rows, notes = paths_of(session, ends, lateral=lateral)
        answer = session.attack_answer("paths", rows, asked.filters(session), most, notes)
        return write_answer(asked, session, answer)
