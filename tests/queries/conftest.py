from __future__ import annotations

from collections.abc import Callable

import pandas
import pytest

from graph.records import Node, Relationship
from queries.answers.following_records import attack_records
from queries.runner import run_query
from tests.queries import organisation
from tests.queries.embedded import Embedded


@pytest.fixture(scope="session")
def store() -> Embedded:
    """The small organisation, loaded."""
    found = attack_records(organisation.nodes(), organisation.relationships())
    return Embedded(found.nodes, found.relationships)


@pytest.fixture(scope="session")
def frame(store: Embedded) -> Callable[[str], pandas.DataFrame]:
    return lambda name, **params: run_query(store, name, params)


@pytest.fixture
def changed() -> Callable[..., Embedded]:
    """The organisation with some relationships or nodes replaced: a twin."""

    def make(
        *,
        without: Callable[[Relationship], bool] = lambda _: False,
        plus: tuple[Relationship, ...] = (),
        nodes: tuple[Node, ...] = (),
    ) -> Embedded:
        kept = [r for r in organisation.relationships() if not without(r)]
        return Embedded([*organisation.nodes(), *nodes], [*kept, *plus])

    return make
