"""A synthetic account: for every declared call an answer that fits, the same each time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from aws_wire.declared import Needs, Other, Role, Uses, is_list
from aws_wire.pages import NO_PAGES, Paged, by_botocore, paged, token_for
from aws_wire.requests import Request
from aws_wire.responses import WireError
from aws_wire.values import (
    TOKEN,
    Seed,
    digest,
    made_at,
    maker,
    number_in,
    put,
    shape_at,
    structure,
    token_of,
)
from collector.declare import Account, FollowUp
from collector.paths import value_at
from collector.services import TYPES

_DISCOVERED = "d15c0"
"""The beginning of the tokens of what a follow-up discovers: below it nothing more is found."""
_PLACES = ("account", "region", "partition")


@dataclass(frozen=True, slots=True)
class Override:
    """What shapes alone do not say of an operation.

    Attributes:
        items: how many elements it lists, where that is not the world's number.
        put: path in each element (or in the whole answer, of one that lists nothing) -> value.
    """

    items: int | None = None
    put: Mapping[str, Any] = field(default_factory=dict)


@cache
def overrides() -> Mapping[str, Override]:
    """``client.operation`` -> what is special about it, from ``data/overrides.json``."""
    rows = json.loads((Path(__file__).parent / "data" / "overrides.json").read_text())
    return {
        name: Override(row.get("items"), row.get("put", {}))
        for name, row in rows["operations"].items()
    }


class SyntheticWorld:
    """Answers for any account and region.

    Args:
        items: how many items every list call lists (0: an empty account).
        elements: how many elements a follow-up lists.
        page_size: the most on a page; what is asked for may be less.
        counts: ``client.operation`` -> how many elements it lists; or that by region, none in
            those that are not named.
    """

    def __init__(
        self,
        items: int = 2,
        elements: int = 1,
        page_size: int = 1000,
        counts: Mapping[str, int | Mapping[str, int]] | None = None,
        partition: str = "aws",
    ) -> None:
        self.items = items
        self.elements = elements
        self.page_size = page_size
        self.counts = dict(counts or {})
        self.partition = partition
        self._uses = _uses()
        self._started: dict[tuple[str, str, str], int] = {}

    def answer(self, request: Request) -> Mapping[str, Any] | WireError:
        """The answer to a request.

        Raises:
            ValueError: a page is asked for by a token that was never given.
        """
        roles = self._roles(request)
        refusal = self._not_ready(request, roles)
        if refusal is not None:
            return refusal
        listing = [role for role in roles if is_list(role.call)]
        if listing:
            return self._page(request, listing)
        return self._whole(request, roles)

    def _roles(self, request: Request) -> list[Role]:
        roles = self._uses.of(request.client, request.operation.name)
        fitting = [
            role
            for role in roles
            if all(request.params.get(name) == value for name, value in role.constants.items())
        ]
        return fitting or roles

    def _not_ready(self, request: Request, roles: list[Role]) -> WireError | None:
        """Refuse what has to be started first until it was, and once more after that."""
        for role in roles:
            if role.started is not None:
                key = (request.account, request.client, role.started.operation)
                self._started.setdefault(key, 0)
            call = role.call
            start = call.start if isinstance(call, FollowUp) else None
            if start is None or start.first:
                continue
            key = (request.account, request.client, request.operation.name)
            asked = self._started.get(key)
            if asked is None and start.on:
                return WireError(start.on[0], "It has not been started.", 410)
            if asked == 0 and start.pending:
                self._started[key] = 1
                return WireError(start.pending[0], "It is not ready yet.", 404)
        return None

    def _page(self, request: Request, roles: list[Role]) -> dict[str, Any]:
        call = roles[0].call
        pages = paged(request.operation, call)
        offset = pages.offset(request.params)
        size = pages.size(request.params, self.page_size) if pages is not NO_PAGES else 10**9
        answer: dict[str, Any] = {}
        longest = 0
        by_result: dict[str, list[Role]] = {}
        for role in roles:
            assert role.call is not None
            by_result.setdefault(role.call.result, []).append(role)
        for result, sharing in by_result.items():
            listed = self._listed(request, pages, sharing)
            longest = max(longest, len(listed))
            self._fill(request, result, [listed[n] for n in _window(listed, offset, size)], answer)
        self._say_whether_more(request, pages, offset + size, longest, answer)
        return answer

    def _say_whether_more(
        self, request: Request, pages: Paged, end: int, longest: int, answer: dict[str, Any]
    ) -> None:
        more = end < longest
        if more and pages.response:
            put(answer, pages.response, token_for(request.operation, pages, end))
        if pages.more:
            put(answer, pages.more, more)

    def _count(self, request: Request, role: Role) -> int:
        name = request.name
        if name in self.counts:
            held = self.counts[name]
            return held.get(request.region, 0) if isinstance(held, Mapping) else held
        is_follow_up = isinstance(role.call, FollowUp)
        usual = self.elements if is_follow_up else self.items
        found = overrides().get(name)
        if found is not None and found.items is not None:
            return min(found.items, usual)
        if is_follow_up or not usual:
            return usual
        return max(usual, len(role.element.variants))

    def _listed(
        self, request: Request, pages: Paged, roles: list[Role]
    ) -> list[tuple[Role, str, int]]:
        """(role, token, number) of everything that a call lists; values are made for the page
        alone."""
        role = roles[0]
        if isinstance(role.call, FollowUp) and role.call.batch:
            return self._batched(request, role)
        prefix = self._prefix(request, pages, role)
        if not prefix:
            return []
        return _Listing(roles, prefix, self._count(request, role))  # type: ignore[return-value]

    def _batched(self, request: Request, role: Role) -> list[tuple[Role, str, int]]:
        """One element for each item that is asked about, with the item's own token."""
        assert isinstance(role.call, FollowUp)
        found = []
        for value in request.params.get(role.call.batched, ()):
            number = number_in(str(value))
            found.append((role, _token_in(str(value)), number or 0))
        return found

    def _prefix(self, request: Request, pages: Paged, role: Role) -> str:
        about_pages = pages.names()
        params = {k: v for k, v in sorted(request.params.items()) if k not in about_pages}
        written = json.dumps(params, default=str)
        whose = digest(request.account, request.region, request.name, written)
        if isinstance(role.call, FollowUp) and role.call.discovers:
            return "" if _DISCOVERED in written else _DISCOVERED + whose[5:]
        return whose

    def _fill(
        self,
        request: Request,
        result: str,
        listed: list[tuple[Role, str, int]],
        answer: dict[str, Any],
    ) -> None:
        shape = request.operation.model.output_shape
        path = result if result.endswith("[]") else result + "[]"
        steps = path.removesuffix("[]").split("[].")
        element_shape = shape_at(shape, path)
        made = [self._element(request, element_shape, result, *each) for each in listed]
        for step in reversed(steps[1:]):
            # One outer element for each inner: reservations with one instance each.
            outer_made = []
            for inner in made:
                outer: dict[str, Any] = {}
                put(outer, step, [inner])
                outer_made.append(outer)
            made = outer_made
        put(answer, steps[0], made)

    def _element(
        self, request: Request, shape: Any, result: str, role: Role, token: str, number: int
    ) -> Any:
        seed = Seed(request.account, request.region, self.partition, request.client, token)
        if shape is None:
            return None
        if shape.type_name != "structure":
            return self._scalar_element(shape, result, role, seed)
        value = structure(shape)(seed)
        self._satisfy(value, shape, role.element, seed)
        self._match(request, value, role, token)
        self._override(request, value, seed)
        return value

    def _scalar_element(self, shape: Any, result: str, role: Role, seed: Seed) -> Any:
        wrap = getattr(role.call, "wrap", "")
        name = wrap or result.removesuffix("[]").rpartition(".")[2].removesuffix("s")
        made = maker(shape, name)
        value = made(seed) if made else None
        # A list of accounts names each once: the own one, then others.
        return str(int(value) + seed.number).zfill(12) if value == seed.account else value

    def _match(self, request: Request, value: dict[str, Any], role: Role, token: str) -> None:
        """An element of a batch says which item it is about."""
        call = role.call
        if not isinstance(call, FollowUp) or not call.batch:
            return
        for asked in request.params.get(call.batched, ()):
            if _token_in(str(asked)) == token:
                put(value, call.batch.match[0], asked)

    def _satisfy(self, value: dict[str, Any], shape: Any, needs: Needs, seed: Seed) -> None:
        for path in needs.paths:
            if path and value_at(value, path) is None:
                made = made_at(shape, path, seed)
                if made is not None:
                    put(value, path, made)
        for path, wanted in needs.values_of(seed.number).items():
            if shape_at(shape, path) is None:
                continue
            put(value, path, _chosen(wanted, value_at(value, path), shape_at(shape, path), seed))

    def _override(self, request: Request, value: dict[str, Any], seed: Seed) -> None:
        found = overrides().get(request.name)
        for path, what in found.put.items() if found else ():
            put(value, path, _written(what, seed))

    def _whole(self, request: Request, roles: list[Role]) -> dict[str, Any]:
        shape = request.operation.model.output_shape
        if shape is None:
            return {}
        written = json.dumps(dict(sorted(request.params.items())), default=str)
        number = number_in(written) or 0
        token = token_of(digest(request.account, request.region, request.name, written), number)
        seed = Seed(request.account, request.region, self.partition, request.client, token)
        value: dict[str, Any] = structure(shape)(seed)
        for role in roles:
            self._satisfy(value, shape, role.whole, seed)
        self._override(request, value, seed)
        # No member may say that there is another page.
        paging = by_botocore(request.operation)
        for path in ("NextToken", "nextToken", paging.response, paging.more):
            if path and value_at(value, path) is not None:
                put(value, path, None)
        return value


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list that is not made before it is asked for: there may be 100,000 of them."""

    roles: list[Role]
    prefix: str
    count: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> tuple[Role, str, int]:
        role = self.roles[number % len(self.roles)]
        return role, token_of(self.prefix, number), number


def _window(listed: Any, offset: int, size: int) -> range:
    return range(offset, min(len(listed), offset + size))


def _token_in(text: str) -> str:
    found = TOKEN.search(text)
    return found.group() if found else token_of(digest(text), 0)


def _chosen(wanted: Any, now: Any, shape: Any, seed: Seed) -> Any:
    if isinstance(wanted, Account):
        return seed.account
    if not isinstance(wanted, Other):
        return wanted
    if now not in wanted.than:
        return now
    if shape.type_name == "boolean":
        return not now
    if shape.type_name == "string" and shape.enum:
        return next((value for value in shape.enum if value not in wanted.than), now)
    made = made_at_any(shape, seed)
    return made if made not in wanted.than else None


def made_at_any(shape: Any, seed: Seed) -> Any:
    """A value of a shape whose member's name says nothing."""
    made = maker(shape, "value")
    return made(seed) if made else None


def _written(what: Any, seed: Seed) -> Any:
    if not isinstance(what, str):
        return what
    return what.format(
        account=seed.account, region=seed.region, partition=seed.partition, token=seed.token
    )


@cache
def _uses() -> Uses:
    return Uses(TYPES)


def first_page(request: Request) -> Request:
    """The same request without what is about pages."""
    names = by_botocore(request.operation).names()
    for role in _uses().of(request.client, request.operation.name):
        names |= paged(request.operation, role.call).names()
    kept = {name: value for name, value in request.params.items() if name not in names}
    return replace(request, params=kept)
