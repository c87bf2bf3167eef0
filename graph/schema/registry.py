"""Every declaration of the package, and what follows from them all."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cached_property

import graph.schema
from graph.schema.declare import Declaration, ExtraLabel, Link, NodeType, Property, Setting

_ACCOUNT_ID = re.compile(r"[0-9]{12}\Z")
_GOOD_ARN = re.compile(
    r"arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}|aws|)?:[^\s\x00-\x1f*?]+\Z"
)


class RegistryError(ValueError):
    """Declarations contradict each other; raised at the first use, so by every test."""


class Registry:
    """The declarations, in the order of their modules' names."""

    def __init__(self, declarations: tuple[Declaration, ...]) -> None:
        self.declarations = declarations
        self._check()

    @cached_property
    def node_types(self) -> tuple[NodeType, ...]:
        """The types of nodes."""
        return tuple(found for found in self.declarations if isinstance(found, NodeType))

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """What describes nodes of other types."""
        return tuple(found for found in self.declarations if isinstance(found, Setting))

    @cached_property
    def snapshot_types(self) -> frozenset[str]:
        """Every snapshot type that a declaration reads."""
        return frozenset(found.snapshot_type for found in self.declarations)

    @cached_property
    def by_label(self) -> dict[str, NodeType]:
        """The type behind a label."""
        return {found.label: found for found in self.node_types}

    @cached_property
    def _by_prefix(self) -> list[tuple[str, NodeType]]:
        prefixed = [(found.id_prefix, found) for found in self.node_types if found.id_prefix]
        return sorted(prefixed, key=lambda pair: -len(pair[0]))

    @cached_property
    def _by_arn(self) -> dict[str, list[tuple[str, NodeType]]]:
        found: dict[str, list[tuple[str, NodeType]]] = {}
        for node_type in self.node_types:
            if node_type.arn:
                service, resource = node_type.arn.split(":", 5)[2::3]
                found.setdefault(service, []).append((resource.removesuffix("{id}"), node_type))
        for candidates in found.values():
            candidates.sort(key=lambda pair: -len(pair[0]))
        return found

    def of_short_id(self, short: str) -> NodeType | None:
        """The type of a short id, e.g. of ``vpc-0abc``."""
        for prefix, node_type in self._by_prefix:
            if short.startswith(prefix):
                return node_type
        return None

    def of_arn(self, arn: str) -> NodeType | None:
        """The type of an ARN; of two with the same form, the first declared."""
        parts = arn.split(":", 5)
        if len(parts) < 6:
            return None
        for prefix, node_type in self._by_arn.get(parts[2], ()):
            if parts[5].startswith(prefix):
                nested = not prefix and re.search(r"[:/]", parts[5])  # a bucket's object, ...
                return None if nested else node_type
        return None

    def label_properties(self, label: str) -> list[Property]:
        """Every property that the label's nodes can have, the type's own first."""
        own = self.by_label[label].properties
        added = [
            prop
            for setting in self.settings
            if setting.label == label
            for prop in setting.properties
            if prop.name not in ("name", "arn")
        ]
        distinct = {prop.name: prop for prop in [*reversed(added), *reversed(own)]}
        return [distinct[name] for name in dict.fromkeys(p.name for p in [*own, *added])]

    def links(self) -> list[tuple[str, Link]]:
        """Every link with the label of its start."""
        return [
            (link.start or found.label, link) for found in self.declarations for link in found.links
        ]

    def extra_labels(self) -> list[tuple[NodeType, ExtraLabel]]:
        """Every further label, with the type that carries it."""
        return [(found, extra) for found in self.node_types for extra in found.extra_labels]

    def _check(self) -> None:
        labels: set[str] = set()
        types: set[str] = set()
        for found in self.node_types:
            if found.label in labels:
                raise RegistryError(f"two types declare the label {found.label}")
            if found.snapshot_type in types:
                raise RegistryError(f"two types declare nodes for {found.snapshot_type}")
            labels.add(found.label)
            types.add(found.snapshot_type)
        for setting in self.settings:
            if setting.label not in labels:
                raise RegistryError(f"{setting.snapshot_type} describes an unknown {setting.label}")


def is_good_arn(arn: str) -> bool:
    """Whether a text is one resource's ARN: whole, and without wildcards or control characters."""
    return bool(_GOOD_ARN.match(arn)) and len(arn) <= 2048


def is_account_id(text: str) -> bool:
    """Whether a text is twelve digits."""
    return bool(_ACCOUNT_ID.match(text))


def account_of_arn(arn: str) -> str | None:
    """The account in an ARN; ``None`` where it names none, or AWS."""
    parts = arn.split(":", 5)
    is_account = len(parts) == 6 and parts[0] == "arn" and is_account_id(parts[4])
    return parts[4] if is_account else None


def region_of_arn(arn: str) -> str | None:
    """The region in an ARN; ``None`` where it names none."""
    parts = arn.split(":", 5)
    return (parts[3] or None) if len(parts) == 6 and parts[0] == "arn" else None


def short_id_of(arn: str) -> str:
    """The last part of an ARN, or the whole of what is no ARN."""
    return re.split(r"[:/]", arn)[-1] if arn.startswith("arn:") else arn


def _discover() -> tuple[Declaration, ...]:
    found: list[Declaration] = []
    for module in sorted(pkgutil.iter_modules(graph.schema.__path__), key=lambda m: m.name):
        if module.name not in ("registry", "document"):
            loaded = importlib.import_module(f"graph.schema.{module.name}")
            found += getattr(loaded, "DECLARATIONS", ())
    return tuple(found)


REGISTRY = Registry(_discover())
