"""What a resource type is to the collector: which calls list it and which describe it further.

A declaration is data. The engine (:mod:`collector.runner`) runs it against AWS, and
``import raw`` against files, in the same way. ``tests/collector/test_declarations.py`` checks
every declaration against botocore's own service models.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


class DeclarationError(ValueError):
    """A declaration contradicts itself; raised at import."""


class Scope(enum.StrEnum):
    """Where a type is asked for, and under which place its file stands."""

    REGIONAL = "regional"
    """In every enabled region of every account."""
    GLOBAL = "global"
    """Once per account."""
    HOME_REGION = "home-region"
    """Once per account, asked of the account's home region."""
    ORGANISATION = "organisation"
    """Once, in the account whose credentials can see the organisation."""
    ORGANISATION_REGIONAL = "organisation-regional"
    """In every enabled region of that account: it lives in one of them, and none says which."""


class Depth(enum.StrEnum):
    """How far a collection goes."""

    CORE = "core"
    """Identities, networks and the common services."""
    FULL = "full"
    """Everything that an assessment reads."""


@dataclass(frozen=True, slots=True)
class Item:
    """A parameter taken from the item (for a nested follow-up: from the parent's element)."""

    path: str
    """Empty: the element itself, for lists of strings."""


@dataclass(frozen=True, slots=True)
class Root:
    """A parameter of a nested follow-up that is taken from the item at the top."""

    path: str


@dataclass(frozen=True, slots=True)
class Account:
    """A parameter that is the id of the account being collected."""


@dataclass(frozen=True, slots=True)
class LineId:
    """A parameter that is the id of the item's line."""


@dataclass(frozen=True, slots=True)
class Day:
    """A parameter that is a date, so many days before today (UTC), as ``YYYY-MM-DD``."""

    ago: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """A parameter taken from what an earlier follow-up of the same item gave.

    Where that gave nothing, the call is not attempted.
    """

    call: str
    path: str


@dataclass(frozen=True, slots=True)
class Started:
    """A parameter taken from the answer of the operation that :class:`Start` has called."""

    path: str


@dataclass(frozen=True, slots=True)
class Paginator:
    """Paged by botocore's paginator of that operation.

    Attributes:
        page_size: what to ask for per page; ``None`` sends no size (where a size changes the
            answer's meaning or is not allowed).
    """

    page_size: int | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """Paged by a token although botocore has no paginator for it.

    Attributes:
        request: the parameter that carries the token.
        response: path of the token in the answer.
        limit: the parameter that carries the page size, with the size; empty name for none.
    """

    request: str
    response: str
    limit: tuple[str, int] = ("", 0)


@dataclass(frozen=True, slots=True)
class After:
    """Paged by naming the last element that was given.

    Attributes:
        request: the parameter that carries it.
        more: path of the flag in the answer that says there is more.
        path: into the last element; empty for lists of strings.
        limit: the parameter that carries the page size, with the size; empty name for none.
    """

    request: str
    more: str
    path: str = ""
    limit: tuple[str, int] = ("", 0)


@dataclass(frozen=True, slots=True)
class OnePage:
    """The operation has no pages."""


Paging = Paginator | Token | After | OnePage


@dataclass(frozen=True, slots=True)
class Batch:
    """One call describes several items: the parameter whose value is ``[Item(...)]`` takes many.

    Attributes:
        size: the most that one call takes.
        match: path in an element of the answer, and path in the item, that have to be equal.
    """

    size: int
    match: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """A follow-up's value names items of another type, each of them perhaps many times.

    Attributes:
        type: the type of what is named; it is ``discovered_by`` one that names it.
        path: of the name in the value (in each element, if the value is a list).
        wrap: the member under which the name is put to make an item of it.
    """

    type: str
    path: str
    wrap: str


@dataclass(frozen=True, slots=True)
class When:
    """A condition on the item or on what an earlier follow-up gave.

    Attributes:
        path: into the item (or the parent's element).
        call: if given, the path is into the value of that earlier follow-up instead; where that
            follow-up gave no answer the condition holds, so that nothing is skipped in the dark.
        is_one_of: the values for which it holds; :class:`Account` stands for the account's id.
        is_none_of: the values for which it does not.
    """

    path: str
    call: str = ""
    is_one_of: tuple[Any, ...] = ()
    is_none_of: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class NamesOnly:
    """Some values at a path of ``redact`` are no secrets but say where one is kept, or are plain
    settings: a member beside them tells. Those are scanned; with any other member they are hidden.

    Attributes:
        path: as it stands in ``redact``; its last member is the value's.
        beside: the member beside the value.
        is_one_of: what that holds then; ``*`` at the end stands for every ending.
    """

    path: str
    beside: str
    is_one_of: tuple[str, ...]

    def holds(self, container: Any, key: Any) -> bool:
        """Whether the value under a key of a mapping is told to be no secret."""
        if not isinstance(container, Mapping) or key != self.path.rpartition(".")[2]:
            return False
        told = container.get(self.beside)
        return isinstance(told, str) and any(
            told.startswith(one[:-1]) if one.endswith("*") else told == one
            for one in self.is_one_of
        )


@dataclass(frozen=True, slots=True)
class Start:
    """An operation that has to be called before an answer is ready (asynchronous jobs).

    Attributes:
        operation: what starts it.
        on: error codes of the main operation after which it is started.
        pending: error codes of the main operation that mean "ask again".
        params: parameters of what starts it; they are filled in as those of the main operation.
        first: whether it is started before the main operation is asked at all. Parameters of
            that may then be :class:`Started`.
        while_value: path in the main operation's answer and the value there that means "ask again".
    """

    operation: str
    on: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    first: bool = False
    while_value: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation with its parameters.

    Attributes:
        operation: boto3's method name.
        params: parameters; values may hold :class:`Item`, :class:`Root`, :class:`Account`.
        result: path of the useful part in the answer; empty for the whole answer. With ``[]`` or
            paging the value is a list, joined over the pages.
        paging: how the rest is had.
        incomplete: path of a flag in the last page that says there is more which cannot be asked.
        not_supported: error codes that here mean that the partition or region lacks the feature.
        not_enabled: error codes that here mean that the account does not use the service;
            ``Code:words`` where the code has other meanings too: the message has to hold the words.
        absent: error codes that here mean that there is nothing, likewise.
        text: paths of binary members to keep as text (others become base64).
        cut: texts of which the beginning is enough: member and how many characters are kept.
    """

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    result: str = ""
    paging: Paging = OnePage()
    incomplete: str = ""
    not_supported: tuple[str, ...] = ()
    not_enabled: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    cut: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))
        if not self.operation:
            raise DeclarationError("a call needs an operation")
        if not isinstance(self.paging, OnePage) and not self.result:
            raise DeclarationError(f"{self.operation}: a paged call needs a result path")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(Call):
    """A call made for each item; its result stands under ``calls`` of the item's line.

    Attributes:
        key: parameters that stand in the name under ``calls``:
            ``describe_rules(ListenerArn=arn...)``. Empty: the operation alone.
        when: all must hold, else the call is not made and leaves no entry.
        then: follow-ups for each element of the value (a list).
        fallback: asked instead where this operation is not supported.
        discovers: a type whose items are the elements of the value.
        names: types of which the value names items.
        enabled_by: the earlier follow-up of the item that tells whether the account uses the
            service at all: where it does not, this call is not made.
        region: path in the item, or of an earlier follow-up (``call:path``), of the region to ask.
        start: what has to be started first.
        batch: one call for several items (of the list, or of the parent's value). Such calls come
            before all others of their level. For items the value is the one element that
            matches, for elements of a parent's value the list of all elements.
    """

    key: tuple[str, ...] = ()
    when: tuple[When, ...] = ()
    then: tuple[FollowUp, ...] = ()
    fallback: FollowUp | None = None
    discovers: str = ""
    names: tuple[Named, ...] = ()
    enabled_by: str = ""
    region: str = ""
    start: Start | None = None
    batch: Batch | None = None

    def __post_init__(self) -> None:
        # super() without arguments does not find the class that slots=True makes anew.
        Call.__post_init__(self)
        missing = set(self.key) - set(self.params)
        if missing:
            raise DeclarationError(f"{self.operation}: key {missing} is no parameter")
        if self.batch and not self.result:
            raise DeclarationError(f"{self.operation}: a batched call needs a result path")

    @property
    def finds(self) -> frozenset[str]:
        """The types whose items its answers hold or name."""
        return frozenset({self.discovers, *(named.type for named in self.names)} - {""})

    @property
    def batched(self) -> str:
        """The parameter that takes several items; empty if this call describes one."""
        return next(
            (
                name
                for name, value in self.params.items()
                if isinstance(value, list | tuple)
                and len(value) == 1
                and isinstance(value[0], Item)
            ),
            "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCall(Call):
    """A call that lists items.

    Attributes:
        wrap: the member under which a listed string is put to make an item of it.
    """

    wrap: str = ""

    def __post_init__(self) -> None:
        Call.__post_init__(self)
        if not self.result:
            raise DeclarationError(f"{self.operation}: a list call needs a result path")


@dataclass(frozen=True, slots=True)
class Limit:
    """A published rate limit, per account and region.

    Attributes:
        operations: the operations that share the bucket; empty: all others of the client.
        rate: calls per second.
        burst: size of the bucket.
        each: whether every operation has a bucket of its own.
        organisation: whether it is one limit for the whole organisation, whoever asks.
        source: where AWS says so.
    """

    rate: float
    burst: float
    source: str
    operations: tuple[str, ...] = ()
    each: bool = False
    organisation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One type of resource, one file per account and place.

    Attributes:
        id: ``service:type``; the file is ``<service>/<type>.jsonl``.
        client: boto3's client name.
        scope: where it is asked for.
        arn: template of a line's id; paths into the item, or ``account``, ``region``,
            ``partition``. Empty for a type without items: its one line is the account's
            (``account`` or ``account/region``).
        lists: the calls that list it; several when one parameter has to take several values.
        follow_ups: calls for each item, in order.
        keep: conditions on items; others are dropped (what AWS's own filter already excludes).
        only_here: path of an ARN in the item that has to name the region that was asked.
        redact: paths of secret-bearing values, in the item or (``operation:path``) in the value
            of a follow-up. ``*`` as a last member stands for every member of a map.
        names_only: which values at paths of ``redact`` are not secret after all.
        scan: paths, written likewise, of texts and templates in which only what the scanner flags
            is replaced.
        discovered_by: the type whose follow-ups find the items, instead of ``lists``.
        listed_for: the type for each of whose items ``lists`` is asked; :class:`Item` in the
            parameters is that item.
        each_of: the types for each of whose items there is one of this type; it has the members
            ``carry`` of that item.
        carry: members of that item (of ``listed_for`` or ``each_of``) which every one is given.
        slow: started before everything else.
        depth: how deep a collection has to go to ask for it.
        opt_in: why it is collected only where it is asked for by its name; empty: always.
        asked_in: the one region of partition ``aws`` in which a global service answers; elsewhere
            the home region is asked.
    """

    id: str
    client: str
    scope: Scope
    arn: str = ""
    lists: tuple[ListCall, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    keep: tuple[When, ...] = ()
    only_here: str = ""
    redact: tuple[str, ...] = ()
    names_only: tuple[NamesOnly, ...] = ()
    scan: tuple[str, ...] = ()
    discovered_by: str = ""
    listed_for: str = ""
    each_of: tuple[str, ...] = ()
    carry: tuple[str, ...] = ()
    slow: bool = False
    depth: Depth = Depth.CORE
    opt_in: str = ""
    asked_in: str = ""

    def __post_init__(self) -> None:
        service, _, name = self.id.partition(":")
        if not service or not name:
            raise DeclarationError(f"{self.id!r} is no type id: write service:type")
        listed = bool(self.lists or self.discovered_by or self.each_of)
        if listed != bool(self.arn):
            raise DeclarationError(f"{self.id}: items need an id template, and it needs items")
        if not listed and not self.follow_ups:
            raise DeclarationError(f"{self.id}: nothing is called")
        if self.arn.startswith("arn:") and not self.arn.startswith("arn:{partition}:"):
            raise DeclarationError(f"{self.id}: the partition is never a constant")
        if self.carry and not (self.listed_for or self.each_of):
            raise DeclarationError(f"{self.id}: there is no item to carry members from")
        if not {names.path for names in self.names_only} <= set(self.redact):
            raise DeclarationError(f"{self.id}: what is not redacted needs no exception")
        if self.asked_in and self.scope is not Scope.GLOBAL:
            raise DeclarationError(f"{self.id}: only what is global is asked in one region")

    @property
    def found_with(self) -> str:
        """The type without whose items there are none of this one; empty if it stands alone."""
        return self.discovered_by or self.listed_for or (self.each_of[0] if self.each_of else "")

    @property
    def service(self) -> str:
        """The part of the id before the colon: the folder of its file."""
        return self.id.partition(":")[0]

    @property
    def file_name(self) -> str:
        """``<service>/<type>.jsonl``."""
        return self.id.replace(":", "/") + ".jsonl"

    def calls(self) -> list[Call]:
        """Every call, nested ones and fallbacks included."""
        found: list[Call] = list(self.lists)
        waiting = list(self.follow_ups)
        while waiting:
            call = waiting.pop(0)
            found.append(call)
            waiting += [*call.then, *([call.fallback] if call.fallback else [])]
        return found
