"""The declarations of every AWS service, and the order in which they are run."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from collector.declare import DeclarationError, Limit, ResourceType

# iam first: the credential report is made while everything else is asked. s3 early: its buckets
# have the most follow-up calls. The others by name.
_FIRST = ("iam", "sts", "organizations", "s3", "s3control", "ec2_vpc", "ec2_compute")


def _modules() -> list[ModuleType]:
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    ordered = [*_FIRST, *(name for name in names if name not in _FIRST)]
    return [importlib.import_module(f"{__name__}.{name}") for name in ordered]


_MODULES = _modules()


def _limits() -> dict[str, tuple[Limit, ...]]:
    found: dict[str, tuple[Limit, ...]] = {}
    for module in _MODULES:
        for client, limits in getattr(module, "LIMITS", {}).items():
            if client in found:
                raise DeclarationError(f"the limits of {client} are declared twice")
            found[client] = limits
    return found


LIMITS: Mapping[str, tuple[Limit, ...]] = MappingProxyType(_limits())
"""Published rate limits by client."""


def _registry() -> dict[str, ResourceType]:
    found: dict[str, ResourceType] = {}
    for module in _MODULES:
        for declared in module.TYPES:
            if declared.id in found:
                raise DeclarationError(f"{declared.id} is declared twice")
            found[declared.id] = declared
    for declared in found.values():
        others = [
            declared.found_with,
            *declared.each_of,
            *(c.discovers for c in declared.follow_ups),
            *(named.type for c in declared.follow_ups for named in c.names),
        ]
        for other in others:
            if other and other not in found:
                raise DeclarationError(f"{declared.id}: {other} is not declared")
    return found


TYPES: Mapping[str, ResourceType] = MappingProxyType(_registry())
"""Every declared type by id, in the order of running."""


def operations() -> frozenset[tuple[str, str]]:
    """``(client, operation)`` of everything that a declaration may call."""
    found = set()
    for declared in TYPES.values():
        for call in declared.calls():
            found.add((declared.client, call.operation))
            start = getattr(call, "start", None)
            if start:
                found.add((declared.client, start.operation))
    return frozenset(found)
