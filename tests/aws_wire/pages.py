"""Pages: where the token stands in a request, where in an answer, and how large a page is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_wire.models import Operation, paginators
from aws_wire.values import number_in, shape_at
from collector.declare import After, Call, Paginator, Token

_FIRST_PATH = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True)
class Paged:
    """How an operation is paged.

    Attributes:
        request: parameters that carry the token; the first is the one that is set.
        response: path of the token in the answer; empty where the last element stands for it.
        more: path of a flag in the answer, or empty.
        limit: the parameter that carries the page size, or empty.
    """

    request: tuple[str, ...] = ()
    response: str = ""
    more: str = ""
    limit: str = ""

    def offset(self, params: Mapping[str, Any]) -> int:
        """Where the page begins that a request asks for.

        Raises:
            ValueError: the token is none that was given.
        """
        given = params.get(self.request[0]) if self.request else None
        if given is None:
            return 0
        if not self.response:
            number = number_in(str(given))
            if number is None:
                raise ValueError(f"{given!r} was never listed")
            return number + 1
        digits = re.fullmatch(r"(?:page-)?(\d+)x*", str(given))
        if digits is None:
            raise ValueError(f"{given!r} is no token that was given")
        return int(digits.group(1))

    def size(self, params: Mapping[str, Any], largest: int) -> int:
        """How many elements the page holds."""
        asked = params.get(self.limit) if self.limit else None
        return min(int(asked), largest) if asked else largest

    def names(self) -> frozenset[str]:
        """The parameters that are about pages."""
        return frozenset(self.request) | ({self.limit} - {""})


def token_for(operation: Operation, paged: Paged, offset: int) -> Any:
    """The token of the page that begins there, of the kind that the answer's shape wants."""
    shape = shape_at(operation.model.output_shape, paged.response)
    if shape is not None and shape.type_name in ("integer", "long"):
        return offset
    given = shape_at(operation.model.input_shape, paged.request[0])
    least = int(given.metadata.get("min", 0)) if given is not None else 0
    text = f"page-{offset:06d}"
    return text + "x" * (least - len(text))


NO_PAGES = Paged()


def paged(operation: Operation, call: Call | None) -> Paged:
    """How a call is paged: as declared, else as botocore knows."""
    match call.paging if call else None:
        case Token(request, response, limit):
            return Paged((request,), response, limit=limit[0])
        case After(request=request, more=more, limit=limit):
            return Paged((request,), "", more, limit[0])
        case Paginator():
            return by_botocore(operation)
    return NO_PAGES


@cache
def by_botocore(operation: Operation) -> Paged:
    """As botocore's paginator says."""
    config = paginators(operation.client).get(operation.wire_name)
    if config is None:
        return NO_PAGES
    request, response = config["input_token"], config["output_token"]
    return Paged(
        tuple(request) if isinstance(request, list) else (request,),
        _path(response[0] if isinstance(response, list) else response),
        _path(config.get("more_results", "")),
        config.get("limit_key", ""),
    )


def _path(expression: str) -> str:
    found = _FIRST_PATH.match(expression)
    return found.group() if found else ""
