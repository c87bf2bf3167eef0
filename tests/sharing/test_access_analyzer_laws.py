"""Laws of the comparison with IAM Access Analyzer, on values alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.evidence import Ref
from graph.iam.world import Account, IamWorld
from graph.judgement import Judgement
from graph.sharing.access_analyzer import (
    Analyzer,
    Difference,
    Finding,
    Place,
    analyzed_types,
    node_of,
)
from graph.sharing.access_analyzer_compare import differences
from graph.verdict import Answer, Verdict
from snapshot_files import ACCOUNT, REGION

ORGANISATION = "o-abcdefghij"
MEMBERS = ("222222222222", "333333333333")
OUTSIDE = ("666666666666", "777777777777", "888888888888")
BUCKETS = tuple(f"arn:aws:s3:::b{number}" for number in range(3))
REF = Ref("file", "line")
WORLD = IamWorld(
    accounts={
        one: Account(one, membership="member", organization=ORGANISATION)
        for one in (ACCOUNT, *MEMBERS)
    },
    organization=ORGANISATION,
)
KIND = analyzed_types()["AWS::S3::Bucket"]
PLACES = tuple(Place(one, KIND, ACCOUNT, REGION, "") for one in BUCKETS)

pairs = st.frozensets(st.tuples(st.sampled_from(BUCKETS), st.sampled_from((*MEMBERS, *OUTSIDE))))


def judged(bucket: str, account: str, verdict: Verdict = Verdict.YES) -> Judgement:
    return Judgement("access", f"account:{account}", bucket, "bucket-policy", Answer(verdict, "W."))


def closed(bucket: str) -> Judgement:
    return Judgement("access", "internet", bucket, "bucket-policy", Answer(Verdict.NO, "Closed."))


def finding(bucket: str, account: str, status: str = "ACTIVE") -> Finding:
    return Finding(
        f"{bucket}-{account}",
        bucket,
        (("AWS", account),),
        ("s3:GetObject",),
        (),
        public=False,
        status=status,
        analysed_at="",
        restriction="",
        sources=(),
        error="",
        ref=REF,
    )


def compared(
    open_to: frozenset[tuple[str, str]], reported: frozenset[tuple[str, str]], *, whole: bool
) -> list[Difference]:
    analyzer = Analyzer(
        "arn:aws:access-analyzer:::analyzer/a",
        ACCOUNT,
        REGION,
        whole,
        "2026-11-20T00:00:00Z",
        tuple(finding(*pair) for pair in sorted(reported)),
        REF,
    )
    ours = [*map(closed, BUCKETS), *(judged(*pair) for pair in sorted(open_to))]
    return list(differences([analyzer], PLACES, ours, WORLD))


@given(pairs)
def test_who_agrees_has_no_disagreement(same: frozenset[tuple[str, str]]) -> None:
    assert compared(same, same, whole=False) == []


@given(pairs, pairs)
def test_each_difference_is_told_and_nothing_else(
    open_to: frozenset[tuple[str, str]], reported: frozenset[tuple[str, str]]
) -> None:
    found = compared(open_to, reported, whole=False)
    ours = {(one.place.id, one.who) for one in found if one.ours is Verdict.NO}
    assert ours == reported - open_to
    silent = {one.place.id for one in found if one.theirs == "no finding"}
    assert silent == {bucket for bucket, _ in open_to - reported}
    assert len(found) == len(ours) + len(silent)


@given(pairs)
def test_the_zone_of_an_organisation_hides_its_members_alone(
    open_to: frozenset[tuple[str, str]],
) -> None:
    found = {one.place.id for one in compared(open_to, frozenset(), whole=True)}
    assert found == {bucket for bucket, account in open_to if account in OUTSIDE}


@given(st.text(max_size=60))
def test_any_text_names_one_node(text: str) -> None:
    assert node_of(node_of(text)) == node_of(text)
