"""The public way to a map: a model in, one self-contained HTML file out."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from pyvis.network import Network

from viz.model import MapModel
from viz.page import page
from viz.payload import payload


class MapWriteError(OSError):
    """The map could not be written; the message names the file and the remedy."""


class MapNetwork(Network):  # type: ignore[misc]  # pyvis has no type hints
    """A pyvis network whose page is ours.

    pyvis gives the data model (``nodes``, ``edges``) and, packaged, the vis-network bundle. Its
    own template asks a CDN for Bootstrap and puts text where it is executed; its ``add_edge``
    compares with every edge before it. So the lists are filled directly, under opaque ids, and
    :meth:`generate_html` is replaced.
    """

    def __init__(self, model: MapModel) -> None:
        super().__init__(directed=True, cdn_resources="in_line")
        self.model = model
        self.data = payload(model)
        bands = self.data["bands"]
        placed = {card[0]: card for card in bands["cards"]} if bands else {}
        for number in range(len(model.nodes)):
            node: dict[str, Any] = {"id": number, "shape": "custom", "physics": False}
            if number in placed:
                _, x, y, _ = placed[number]
                node |= {"x": x, "y": y, "fixed": True}
            self.nodes.append(node)
            self.node_ids.append(number)
            self.node_map[number] = node
        self.edges.extend({"from": link[0], "to": link[1]} for link in self.data["links"])

    def generate_html(
        self, name: str = "index.html", local: bool = True, notebook: bool = False
    ) -> str:
        """Return the page; the arguments are pyvis's and change nothing."""
        self.html = page(self.model, self.data)
        return self.html


def render_map(model: MapModel) -> str:
    """Draw ``model`` as one offline HTML page; the same model gives the same text."""
    html: str = MapNetwork(model).generate_html()
    return html


def write_map(model: MapModel, path: Path | str) -> Path:
    """Write the map as UTF-8, whole or not at all; returns the path.

    Raises:
        MapWriteError: the folder is missing or the file cannot be written there.
    """
    target = Path(path)
    content = render_map(model).encode("utf-8")
    temporary: str | None = None
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        _give_usual_mode(temporary)
        os.replace(temporary, target)  # noqa: PTH105 - atomic, unlike Path.rename on Windows
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise MapWriteError(
            f"cannot write the map to {target}: {reason}; choose another file with -o"
        ) from error
    return target


def _give_usual_mode(temporary: str) -> None:
    """Give the file the mode that an ordinary new file has (mkstemp makes it private)."""
    mask = os.umask(0)
    os.umask(mask)
    Path(temporary).chmod(0o666 & ~mask)
