"""botocore's service models, cut down to the operations that the collector may call.

A client made of such a model has no method for anything else, takes half the time to make and a
fraction of the memory: EC2 alone describes some 700 operations, of which two dozen are declared.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader, create_loader

_SERVICE_MODEL = "service-2"


@cache
def declared_models(data_path: str | None, allowed: frozenset[tuple[str, str]]) -> Any:
    """A loader for a botocore session (its component ``data_loader``); one for all that ask alike.

    Args:
        data_path: where models lie beside botocore's own, as its setting of that name says.
        allowed: ``(client, operation)``, the operation in botocore's Python spelling.

    Returns:
        a ``botocore.loaders.Loader``, safe between threads.
    """
    loader = _DeclaredModels()
    loader.search_paths[:] = create_loader(data_path).search_paths
    for client, operation in allowed:
        loader.allowed.setdefault(client, set()).add(operation)
    return loader


class _DeclaredModels(Loader):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.allowed: dict[str, set[str]] = {}
        self._cut: set[tuple[str, str | None]] = set()
        self._lock = threading.Lock()

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        """botocore's model; that of a service without what is not to be called."""
        with self._lock:
            model = super().load_service_model(service_name, type_name, api_version)
            which = (service_name, api_version)
            if type_name == _SERVICE_MODEL and which not in self._cut:
                # In place: the loader's own caches hold the same object.
                cut_down(model, self.allowed.get(service_name, set()))
                self._cut.add(which)
            return model


def cut_down(model: dict[str, Any], allowed: set[str]) -> None:
    """Take from a service model, in place, what the named operations do not need.

    Args:
        model: the JSON of a ``service-2`` file.
        allowed: operations in Python spelling.
    """
    operations = model["operations"]
    for name in [name for name in operations if xform_name(name) not in allowed]:
        del operations[name]
    needed: set[str] = set()
    waiting = list(_shapes_of(operations.values()))
    shapes = model["shapes"]
    # The parsers of EC2 and others look errors up by their code among all shapes.
    waiting += [name for name, shape in shapes.items() if shape.get("exception")]
    while waiting:
        name = waiting.pop()
        if name not in needed and name in shapes:
            needed.add(name)
            waiting += _shapes_of([shapes[name]])
    for name in shapes.keys() - needed:
        del shapes[name]
    _forget_documentation(model)


def _shapes_of(values: Iterable[Any]) -> Iterator[str]:
    """Names of the shapes that a part of a model refers to."""
    for value in values:
        if isinstance(value, Mapping):
            name = value.get("shape")
            if isinstance(name, str):
                yield name
            yield from _shapes_of(value.values())
        elif isinstance(value, list):
            yield from _shapes_of(value)


def _forget_documentation(value: Any) -> None:
    """Empty the texts; botocore reads some of them, so their keys stay."""
    if isinstance(value, dict):
        if isinstance(value.get("documentation"), str):
            value["documentation"] = ""
        for inner in value.values():
            _forget_documentation(inner)
    elif isinstance(value, list):
        for inner in value:
            _forget_documentation(inner)
