"""The data file of policy places, held against AWS's own models and the collector."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel, Shape

from collector.declare import FollowUp
from collector.services import TYPES
from graph.iam import policy_places, rules
from graph.iam.policy_places import PlaceError, PolicyPlace, places
from sharing.policy_lines import SHAPES

every = pytest.mark.parametrize(
    "place", places(), ids=lambda place: f"{place.type_id}-{place.operation}-{place.path[:1]}"
)
ELSEWHERE = {
    "efs:file-system": "internet",
    "s3:access-grants": "any-aws-principal",
    "org:root": "organization",
}
"""Types that take other callers than most of their service: NFS clients; signed calls alone;
members of the organisation."""


@cache
def _operation(client: str, operation: str) -> OperationModel:
    model = botocore.session.get_session().get_service_model(client)
    (name,) = [one for one in model.operation_names if xform_name(one) == operation]
    return model.operation_model(name)


def _calls(follow_ups: tuple[FollowUp, ...]) -> list[FollowUp]:
    return [one for call in follow_ups for one in (call, *_calls(call.then))]


@every
def test_the_collector_makes_the_call(place: PolicyPlace) -> None:
    declared = TYPES[place.type_id]
    assert declared.client == place.client
    calls = _calls(declared.follow_ups)
    if not place.operation:
        return
    found = [one for one in calls if one.operation == place.operation]
    assert [one for one in found if bool(one.key) == bool(place.each)]
    if place.each:
        assert place.each in {one.operation for one in calls}


@every
def test_the_policy_stands_where_aws_puts_it(place: PolicyPlace) -> None:
    """The call's result in AWS's own model has the members of the path."""
    declared = TYPES[place.type_id]
    call = next(
        (one for one in _calls(declared.follow_ups) if one.operation == place.operation),
        declared.lists[0] if declared.lists else None,
    )
    assert call is not None
    shape: Any = _operation(place.client, call.operation).output_shape
    if call.result:
        shape = shape.members[call.result].member if not _is_listed(place) else shape
    steps = place.path if not _is_listed(place) else (call.result, "[]", place.member)
    for step in steps:
        shape = _below(shape, step)
    assert shape.type_name in ("string", "map", "list", "structure")


def _is_listed(place: PolicyPlace) -> bool:
    return place.form == "listed"


def _below(shape: Shape, step: str) -> Shape:
    if step == "[]":
        return shape.member
    return shape.value if shape.type_name == "map" else shape.members[step]


@every
def test_who_comes_unsigned_is_said_in_one_place(place: PolicyPlace) -> None:
    unsigned = rules.accepts_anonymous(f"{place.service}:*")
    by_service = "internet" if unsigned else "any-aws-principal"
    assert place.widest == ELSEWHERE.get(place.type_id, by_service)


@every
def test_a_resource_policy_takes_part_in_the_engine(place: PolicyPlace) -> None:
    shares = rules.service_is("policies_are_shares", place.service)
    assert rules.may_have_resource_policy(f"{place.service}:Something") is not shares


@every
def test_its_page_is_awss(place: PolicyPlace) -> None:
    assert place.source.startswith("https://docs.aws.amazon.com/")


def test_every_place_that_is_judged_here_has_a_tested_shape() -> None:
    tested = {(shape.type_id, shape.call.partition("(")[0], shape.mechanism) for shape in SHAPES}
    beside = {
        ("acm-pca:ca", "list_permissions", "ca-permission"),
        ("serverlessrepo:application", "get_application_policy", "application-policy"),
    }
    declared = {
        (one.type_id, one.operation, one.mechanism) for one in places() if not one.judged_by
    }
    assert declared == tested | beside


def test_a_row_of_no_meaning_is_refused() -> None:
    row = {"type": "a:b", "service": "a", "mechanism": "m", "client": "a", "operation": "get"}
    good = {**row, "path": [], "source": "https://docs.aws.amazon.com/"}
    assert policy_places._place(good).type_id == "a:b"
    with pytest.raises(PlaceError, match="a:b"):
        policy_places._place({**good, "unheard": "of"})
    with pytest.raises(PlaceError, match="form"):
        policy_places._place({**good, "form": "prose"})
    with pytest.raises(PlaceError, match="a:b"):
        policy_places._place(row)
