"""``mapper blast``."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import click

from mapper.completion import resources
from mapper.options import Asked, asks


@click.command(
    name="blast",
    epilog="Examples: mapper blast web-server; mapper blast ci-user --verdict yes; "
    "mapper blast internet --format csv",
)
@click.argument("subject", metavar="NODE", shell_complete=resources)
@asks()
def command(asked: Asked, subject: str) -> int:
    """Everything that follows from control of NODE, with the first path to each thing.

    NODE is a machine, role, user, function, account or source of access, by name, id or ARN;
    internet stands for everything that mapper public shows. Classes, the gravest first: admin
    (accounts that are had), principal, sensitive-data, data, machine, backup, logging, and
    network-only: what is reached over the network and no more.
    """
    with asked.open() as session:
        from mapper.answering import write_answer
        from mapper.attacking import blast_of

        starts, rows = blast_of(session, subject)
        notes = () if rows else (f"Nothing follows from {', '.join(starts) or subject}.",)
        answer = session.attack_answer("blast", rows, asked.filters(session), None, notes)
        counts = Counter(row.own["class"] for row in answer.rows)
        if len(counts) > 1:
            listed = ", ".join(f"{name} {count}" for name, count in counts.items())
            answer = replace(answer, remarks=(*notes, f"By class: {listed}."))
        return write_answer(asked, session, answer)
