"""Policy documents, parsed once per distinct text.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from graph.iam import patterns

VARIABLES_VERSION = "2012-10-17"


ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
"""The elements of a statement; AWS writes them in this case."""
_LOWERED = frozenset(map(str.lower, ELEMENTS))


class PolicyError(Exception):
    """A policy document that does not have the shape of one."""


@dataclass(frozen=True, slots=True)
class ConditionTest:
    """One line of a ``Condition`` block.

    Attributes:
        operator: without prefix and suffix, lower case, e.g. ``stringlike``.
        key: as written; compared without case.
        values: what it is compared with, as text, never empty.
        quantifier: ``all``, ``any`` or empty (``ForAllValues:``, ``ForAnyValue:``).
        if_exists: whether the operator ends in ``IfExists``.
        prepared: where :mod:`graph.iam.tested_values` remembers how the values are looked up.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False
    prepared: dict[str, object] = field(init=False, default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``None`` for an element that is not there.

    ``principals`` and ``not_principals`` are pairs of (type, value) with type ``AWS``,
    ``Service``, ``Federated``, ``CanonicalUser``; ``"Principal": "*"`` is ``("AWS", "*")``.
    Actions are patterns in internal form, resources are texts as written, ``action_names`` are
    the actions as written (empty for ``NotAction``). ``by_principal`` is where
    :mod:`graph.iam.principal` remembers the places of its entries.
    """

    index: int
    effect: str
    sid: str
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[tuple[str, str], ...] | None
    not_principals: tuple[tuple[str, str], ...] | None
    conditions: tuple[ConditionTest, ...]
    variables: bool
    action_names: tuple[str, ...] = ()
    by_principal: dict[Hashable, list[int]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    @property
    def is_deny(self) -> bool:
        """Whether the effect is ``Deny``."""
        return self.effect == "Deny"

    def touches(self, action: str) -> bool:
        """Whether the actions meet an action or pattern (lower case, internal form)."""
        if self.actions is not None:
            return any(patterns.intersects(glob, action) for glob in self.actions)
        return not any(patterns.covers(glob, action) for glob in self.not_actions or ())

    def holds_all(self, action: str) -> bool:
        """Whether the actions contain all of an action or pattern."""
        if self.actions is not None:
            return any(patterns.covers(glob, action) for glob in self.actions)
        return not any(patterns.intersects(glob, action) for glob in self.not_actions or ())


_ANY = ""
_FEW = 16


def _keys(row: Statement) -> set[str]:
    """Where a statement is looked up: actions by name, ``service:`` for patterns within one."""
    if row.actions is None:
        return {_ANY}
    found = set()
    for glob in row.actions:
        service, colon, name = glob.partition(":")
        if patterns.is_literal(glob):
            found.add(glob)
        else:
            found.add(f"{service}:" if colon and name and patterns.is_literal(service) else _ANY)
    return found


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed policy. ``hash`` is that of the text; equal documents are the same object.

    ``by_principal`` is where :mod:`graph.iam.principal` remembers whom statements name, by action.
    """

    hash: str
    statements: tuple[Statement, ...]
    _by_action: dict[str, tuple[Statement, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    by_principal: dict[str, dict[Hashable, list[int]]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    _by_name: dict[str, dict[int, Statement]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def touching(self, action: str) -> tuple[Statement, ...]:
        """Statements whose actions meet an action (lower case, internal form); remembered."""
        found = self._by_action.get(action)
        if found is None:
            rows = self._near(action) if len(self.statements) > _FEW else self.statements
            found = tuple(row for row in rows if row.touches(action))
            self._by_action[action] = found
        return found

    def _near(self, action: str) -> list[Statement]:
        """Statements that may touch an action: those that name it, and those with a wildcard of
        its service or of any."""
        if not self._by_name:
            for row in self.statements:
                for key in _keys(row):
                    self._by_name.setdefault(key, {})[row.index] = row
        if not patterns.is_literal(action):
            return list(self.statements)
        service = action.partition(":")[0]
        found: dict[int, Statement] = {}
        for key in (action, f"{service}:", _ANY):
            found |= self._by_name.get(key, {})
        return [found[index] for index in sorted(found)]


@dataclass(frozen=True, slots=True)
class BrokenPolicy:
    """A document that cannot be read. Whoever depends on it gets ``unknown``."""

    reason: str


_PARSED: dict[str, Document | BrokenPolicy] = {}


def parse(source: object) -> Document | BrokenPolicy:
    """Parse a policy document: JSON text (URL-encoded too, as IAM gives it) or a mapping.

    Never raises: what is no policy gives :class:`BrokenPolicy` with the reason.
    """
    if not isinstance(source, str | Mapping):
        return BrokenPolicy("neither text nor an object")
    text = source if isinstance(source, str) else json.dumps(source, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    known = _PARSED.get(digest)
    if known is None:
        try:
            known = Document(digest, _statements(_loaded(source)))
        except PolicyError as problem:
            known = BrokenPolicy(str(problem))
        except RecursionError:
            known = BrokenPolicy("nested too deeply")
        _PARSED[digest] = known
    return known


def _loaded(source: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(source, Mapping):
        return source
    text = source.strip()
    if text.startswith("%"):
        text = unquote(text)
    try:
        loaded = json.loads(text)
    except ValueError:
        raise PolicyError("not JSON") from None
    if not isinstance(loaded, dict):
        raise PolicyError("not a JSON object")
    return loaded


def _statements(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    rows = document.get("Statement")
    if isinstance(rows, Mapping):
        rows = [rows]
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise PolicyError("no list of statements")
    variables = document.get("Version") == VARIABLES_VERSION
    return tuple(_statement(index, row, variables) for index, row in enumerate(rows))


def _statement(index: int, row: Any, variables: bool) -> Statement:
    if not isinstance(row, Mapping):
        raise PolicyError(f"statement {index} is not an object")
    for name in row.keys() - ELEMENTS:
        if str(name).lower() in _LOWERED:
            # Dropping it could turn a grant to everyone into one to nobody.
            raise PolicyError(f"statement {index} spells an element as {name!r}")
    effect = row.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"statement {index} has no Effect of Allow or Deny")
    actions, not_actions = _pair(index, row, "Action")
    if actions is None and not_actions is None:
        raise PolicyError(f"statement {index} has neither Action nor NotAction")
    resources, not_resources = _pair(index, row, "Resource")
    if effect == "Deny" and () in (actions, resources):
        raise PolicyError(f"statement {index} denies an empty list")
    principals = _principals(index, row, "Principal")
    not_principals = _principals(index, row, "NotPrincipal")
    return Statement(
        index=index,
        effect=effect,
        sid=str(row.get("Sid") or ""),
        actions=None if actions is None else tuple(map(patterns.action_glob, actions)),
        not_actions=None if not_actions is None else tuple(map(patterns.action_glob, not_actions)),
        resources=resources,
        not_resources=not_resources,
        principals=principals,
        not_principals=not_principals,
        conditions=_conditions(index, row.get("Condition")),
        variables=variables,
        action_names=actions or (),
    )


def _pair(
    index: int, row: Mapping[str, Any], name: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """``X`` and ``NotX`` of a statement; both at once is not a policy."""
    plain, negated = row.get(name), row.get(f"Not{name}")
    if plain is not None and negated is not None:
        raise PolicyError(f"statement {index} has both {name} and Not{name}")
    return (
        None if plain is None else _texts(index, name, plain),
        None if negated is None else _texts(index, f"Not{name}", negated),
    )


def _texts(index: int, name: str, value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(entry, str) for entry in values):
        raise PolicyError(f"statement {index}: {name} is not text")
    return tuple(values)


def _principals(
    index: int, row: Mapping[str, Any], name: str
) -> tuple[tuple[str, str], ...] | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        return (("AWS", value),)
    if isinstance(value, Mapping):
        return tuple(
            (str(kind), entry)
            for kind, entries in value.items()
            for entry in _texts(index, name, entries)
        )
    raise PolicyError(f"statement {index}: {name} is neither text nor an object")


def _conditions(index: int, block: Any) -> tuple[ConditionTest, ...]:
    if block is None:
        return ()
    if not isinstance(block, Mapping) or not all(isinstance(v, Mapping) for v in block.values()):
        raise PolicyError(f"statement {index}: Condition is not an object of objects")
    return tuple(
        _condition(index, operator, key, value)
        for operator, tests in block.items()
        for key, value in tests.items()
    )


def _condition(index: int, operator: str, key: str, value: Any) -> ConditionTest:
    name, quantifier = str(operator).strip(), ""
    for prefix, kind in (("forallvalues:", "all"), ("foranyvalue:", "any")):
        if name.lower().startswith(prefix):
            name, quantifier = name[len(prefix) :], kind
    lowered = name.lower()
    if_exists = lowered.endswith("ifexists")
    values = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(entry, str | bool | int | float) for entry in values):
        # Compared as the text of an object it would match nothing, and a Deny would be lost.
        raise PolicyError(f"statement {index}: a value of {key!r} is no text, number or boolean")
    return ConditionTest(
        operator=lowered.removesuffix("ifexists"),
        key=str(key),
        values=tuple(_text(entry) for entry in values),
        quantifier=quantifier,
        if_exists=if_exists,
    )


def _text(value: Any) -> str:
    """A condition value as AWS compares it: JSON booleans and numbers are their text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
