"""``mapper scan``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mapper.collect_options import collect_options, request_of
from mapper.options import Asked, asks


@click.command(
    name="scan",
    epilog="Examples: mapper scan; mapper scan --profile audit --depth core; "
    "mapper scan --org --role SecurityAudit -d assessment",
)
@click.option(
    "-d",
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    help="Where snapshots, map and report go.",
)
@collect_options(how=False)
@asks(snapshot=False, graph=False, filters=False, formats=None)
def command(asked: Asked, directory: Path, **given: Any) -> int:
    """The first hour on real AWS: look, collect, answer, draw.

    Says whose credentials these are and what they cannot see, collects (only reading calls),
    prints what the internet reaches, who trusts whom and which machines' roles reach admin, and
    leaves DIRECTORY/snapshots/<id>, map.html, report.md and the answers as JSON. Stopped, it is
    continued by the same command. Ends with what could not be seen and what to ask next.
    """
    from mapper.scanning import scan

    config = asked.load_config()
    request = request_of(asked, config.accounts, given)
    return scan(asked, request, config, directory)
