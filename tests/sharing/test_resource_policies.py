"""Every type whose policy alone decides: who gets in, beside its twins."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.derivation.relate import access
from graph.iam.from_snapshot import from_snapshot
from graph.judgement import Judgement
from graph.sharing import access_judgements
from graph.verdict import Verdict
from sharing.policy_lines import ORGANISATION, SHAPES, VENDOR, Shape, text
from snapshot_files import ACCOUNT, Absent, Denied, write_snapshot

EVERYONE = ("internet", "any-aws-principal")
ROLE = f"arn:aws:iam::{VENDOR}:role/reader"
IN_THE_ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": ORGANISATION}}

every = pytest.mark.parametrize(
    "shape", SHAPES, ids=lambda shape: f"{shape.type_id}-{shape.call.partition('(')[0]}"
)
read_by_a_call = pytest.mark.parametrize(
    "shape",
    [shape for shape in SHAPES if shape.gap],
    ids=lambda shape: f"{shape.type_id}-{shape.call.partition('(')[0]}",
)


def judged(folder: Path, shape: Shape, *rows: dict[str, Any] | Any) -> list[Judgement]:
    """The judgements by the shape's mechanism, of a policy of some statements."""
    whole = text(*rows) if rows and isinstance(rows[0], dict) else rows[0]
    lines = {(ACCOUNT, shape.region, shape.type_id): [shape.line(whole)]}
    snapshot = write_snapshot(folder, lines)
    found = access_judgements(snapshot, from_snapshot(snapshot))
    return [one for one in found if one.mechanism == shape.mechanism]


def verdicts(found: Iterable[Judgement]) -> dict[str, str]:
    """The strongest verdict by source."""
    strongest: dict[str, Verdict] = {}
    for one in found:
        held = strongest.get(one.source, Verdict.NO)
        strongest[one.source] = max(held, one.answer.verdict, key=lambda v: v.rank)
    return {source: str(verdict) for source, verdict in strongest.items()}


def admitted(shape: Shape) -> str:
    """The verdict of a caller whom the policy names."""
    return "conditional" if shape.network else "yes"


@every
def test_a_policy_for_everyone(tmp_path: Path, shape: Shape) -> None:
    found = judged(tmp_path, shape, shape.allow("*"))
    source = "any-aws-principal" if shape.type_id == "org:root" else shape.widest
    expected = {source: shape.public or "no"}
    assert verdicts(found) == expected
    assert {one.target for one in found} == {shape.judged}


@every
def test_its_twin_for_the_own_account(tmp_path: Path, shape: Shape) -> None:
    found = judged(tmp_path, shape, shape.allow({"AWS": ACCOUNT}))
    assert verdicts(found) == {shape.widest: "no"}


@every
def test_its_twin_for_another_account(tmp_path: Path, shape: Shape) -> None:
    found = judged(tmp_path, shape, shape.allow({"AWS": f"arn:aws:iam::{VENDOR}:root"}))
    assert verdicts(found) == {f"account:{VENDOR}": admitted(shape)}
    assert {one.actions for one in found} == {(shape.action,)}


@every
def test_a_shared_resource_is_drawn_with_its_level(tmp_path: Path, shape: Shape) -> None:
    found = judged(tmp_path, shape, shape.allow({"AWS": VENDOR}))
    (drawn,) = access(found)
    assert (drawn.start, drawn.end) == (f"account:{VENDOR}", shape.judged)
    assert drawn.props["mechanism"] == shape.mechanism
    assert drawn.props["level"] in ("read", "write", "admin")


@every
def test_everyone_of_an_organisation(tmp_path: Path, shape: Shape) -> None:
    found = verdicts(judged(tmp_path, shape, shape.allow("*", Condition=IN_THE_ORGANISATION)))
    assert found[f"org:{ORGANISATION}"] == admitted(shape)
    assert not any(found.get(source, "no") != "no" for source in EVERYONE)


@every
def test_everyone_of_one_arn(tmp_path: Path, shape: Shape) -> None:
    only = {"ArnEquals": {"aws:PrincipalArn": ROLE}}
    found = verdicts(judged(tmp_path, shape, shape.allow("*", Condition=only)))
    # AWS does not say whether a policy with such a condition is public.
    assert found[ROLE] == ("conditional" if shape.blocked else admitted(shape))
    assert not any(found.get(source, "no") != "no" for source in EVERYONE)


@every
def test_a_service_for_one_source(tmp_path: Path, shape: Shape) -> None:
    source = f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"
    only = {"ArnEquals": {"aws:SourceArn": source}}
    service = {"Service": "sns.amazonaws.com"}
    wide = verdicts(judged(tmp_path, shape, shape.allow(service)))
    narrow = verdicts(judged(tmp_path, shape, shape.allow(service, Condition=only)))
    assert wide["any-account-via:sns.amazonaws.com"] != "no"
    assert narrow.get("any-account-via:sns.amazonaws.com", "no") == "no"


@every
def test_everyone_of_one_endpoint(tmp_path: Path, shape: Shape) -> None:
    only = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}
    found = verdicts(judged(tmp_path, shape, shape.allow("*", Condition=only)))
    assert not any(found.get(source, "no") != "no" for source in EVERYONE)
    assert found["vpce-0a1b2c3d4e5f60718"] == admitted(shape)


@every
def test_a_deny_of_strangers_guards_it(tmp_path: Path, shape: Shape) -> None:
    guard = shape.allow("*", Effect="Deny") | {
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ORGANISATION}}
    }
    found = verdicts(judged(tmp_path, shape, shape.allow("*"), guard))
    assert not any(found.get(source, "no") != "no" for source in EVERYONE)


@every
def test_no_policy(tmp_path: Path, shape: Shape) -> None:
    assert verdicts(judged(tmp_path, shape, Absent)) == {shape.widest: "no"}


@read_by_a_call
def test_a_policy_that_was_not_read(tmp_path: Path, shape: Shape) -> None:
    found = judged(tmp_path, shape, Denied)
    assert verdicts(found) == {shape.widest: "unknown"}
    (condition,) = {term for one in found for term in one.answer.conditions}
    assert condition.startswith(f"not_collected:{shape.gap}@{ACCOUNT}/")


@every
@pytest.mark.parametrize(
    "broken",
    [
        "no policy at all",
        '{"Statement": 3}',
        text({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": [3]}}),
    ],
)
def test_a_text_that_is_no_policy(tmp_path: Path, shape: Shape, broken: str) -> None:
    assert verdicts(judged(tmp_path, shape, broken)) == {shape.widest: "unknown"}


@every
def test_a_principal_of_unknown_form_opens_nothing(tmp_path: Path, shape: Shape) -> None:
    found = judged(tmp_path, shape, shape.allow({"Unheard": "of", "AWS": "AROAEXAMPLE1234567890"}))
    assert verdicts(found) == {shape.widest: "no"}


@every
def test_other_resources_of_the_account_are_not_its_policys(tmp_path: Path, shape: Shape) -> None:
    if "*" in json.dumps(shape.resource) and shape.resource == "*":
        pytest.skip("AWS lets this policy name anything")
    elsewhere = "arn:aws:s3:::another-thing"
    row = shape.allow({"AWS": VENDOR}) | {"Resource": elsewhere}
    wide = {"kafka:cluster", "eventbridgev2:bus", "redshift:cluster", "imagebuilder:image"}
    wide |= {"redshift-serverless:snapshot", "imagebuilder:component"}
    if shape.type_id not in wide:
        assert verdicts(judged(tmp_path, shape, row)) == {shape.widest: "no"}


# Laws

_CONDITIONS = (
    IN_THE_ORGANISATION,
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/*"}},
    {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANISATION}},
    {"StringNotEquals": {"aws:PrincipalAccount": VENDOR}},
    {"Null": {"aws:SourceVpce": "false"}},
)
_PRINCIPALS = ("*", {"AWS": VENDOR}, {"AWS": ROLE}, {"Service": "sns.amazonaws.com"})
_ORDER = [str(verdict) for verdict in sorted(Verdict, key=lambda one: one.rank)]


def _no_stronger(after: dict[str, str], before: dict[str, str]) -> Iterator[str]:
    """Sources that got more than they, or everyone, had."""
    for source, verdict in after.items():
        had = max(
            (before.get(one, "no") for one in (source, f"account:{VENDOR}", *EVERYONE)),
            key=_ORDER.index,
        )
        if _ORDER.index(verdict) > _ORDER.index(had) and verdict != "unknown":
            yield source


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([shape for shape in SHAPES if shape.public]),
    st.sampled_from(_PRINCIPALS[:2]),
    st.sampled_from(_CONDITIONS),
)
def test_a_condition_never_widens(
    tmp_path_factory: pytest.TempPathFactory, shape: Shape, who: Any, narrowing: Any
) -> None:
    folder = tmp_path_factory.mktemp("law")
    before = verdicts(judged(folder, shape, shape.allow(who)))
    after = verdicts(judged(folder, shape, shape.allow(who, Condition=narrowing)))
    assert not list(_no_stronger(after, before))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([shape for shape in SHAPES if not shape.blocked]),
    st.sampled_from(_PRINCIPALS),
    st.sampled_from(_PRINCIPALS),
    st.sampled_from((None, *_CONDITIONS)),
)
def test_a_deny_never_grants(
    tmp_path_factory: pytest.TempPathFactory, shape: Shape, who: Any, denied: Any, when: Any
) -> None:
    """Of what Block Public Access does not cut: there a Deny of strangers can end the cut."""
    folder = tmp_path_factory.mktemp("law")
    more = {} if when is None else {"Condition": when}
    deny = shape.allow(denied, **more) | {"Effect": "Deny"}
    before = verdicts(judged(folder, shape, shape.allow(who)))
    after = verdicts(judged(folder, shape, shape.allow(who), deny))
    # A Deny may leave a part of everyone, who then has a name.
    everyone = any(before.get(one, "no") != "no" for one in EVERYONE)
    assert everyone or set(after) <= {*before, shape.widest}
    assert not list(_no_stronger(after, before))
