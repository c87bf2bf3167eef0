"""``mapper map``."""

from __future__ import annotations

from pathlib import Path

import click

from mapper.options import Asked, asks


@click.command(name="map", epilog="Examples: mapper map -o map.html; mapper map accounts")
@click.argument("view", default="public", type=click.Choice(["public", "accounts"]))
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path),
    default=Path("map.html"),
    show_default=True,
    help="The HTML file.",
)
@asks(fails=False, formats=None)
def command(asked: Asked, view: str, file: Path) -> int:
    """Draw a map as one HTML file that works offline.

    The view 'public' shows accounts, their networks and what stands in them, with the ways from
    the internet to machines, roles and admin rights highlighted. The view 'accounts' shows whole
    accounts and what one has of another: trust, data, network, management. Nothing in the file
    asks a server; it can be mailed.
    """
    from mapper.mapping import public_map
    from mapper.mapping_accounts import accounts_map
    from mapper.output.write import replace_file
    from viz.map import render_map

    with asked.open() as session:
        drawn = accounts_map if view == "accounts" else public_map
        model = drawn(session, asked.filters(session))
    replace_file(file, render_map(model).encode("utf-8"))
    asked.say(
        f"Wrote {file}: {len(model.nodes)} nodes, {len(model.links)} links, "
        f"{len(model.paths)} paths."
    )
    return 0
