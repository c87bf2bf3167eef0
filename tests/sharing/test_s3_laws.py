"""Laws of S3's judgements over drawn buckets: policies, access points and every level of locks."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.resource_policy import resource_policy_access
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL
from graph.judgement import Judgement
from graph.verdict import Verdict
from sharing.s3_world import (
    BUCKET,
    ENFORCED,
    OTHER,
    POINT,
    World,
    allow,
    block,
    bucket_line,
    policy,
)
from snapshot_files import ACCOUNT, Absent, line

THIRD = "777766665555"
FLAGS = ("RestrictPublicBuckets", "IgnorePublicAcls", "BlockPublicPolicy", "BlockPublicAcls")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
LEVELS = ("account", "bucket", "point")
Rank = dict[tuple[str, str], int]

principals = st.sampled_from(
    [
        "*",
        {"AWS": OTHER},
        {"AWS": f"arn:aws:iam::{THIRD}:role/reader"},
        {"Service": "cloudtrail.amazonaws.com"},
        {"AWS": ACCOUNT},
    ]
)
NARROWING = (
    {"StringEquals": {"aws:PrincipalAccount": OTHER}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
    {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
    {"IpAddress": {"aws:SourceIp": "54.240.143.0/24"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    {"StringEquals": {"aws:SourceAccount": THIRD}},
)
conditions = st.sampled_from([{}, *NARROWING])


@dataclass(frozen=True)
class Drawn:
    """A bucket, its access point and their locks; rows are (principal, condition)."""

    rows: tuple[tuple[Any, Any], ...]
    point_rows: tuple[tuple[Any, Any], ...]
    flags: dict[str, frozenset[str]]
    organisation: str
    acl: bool
    enforced: bool
    vpc: str

    def world(self) -> World:
        """The world as AWS tells it."""
        held = [allow(who, [BUCKET, f"{BUCKET}/*"], **when) for who, when in self.rows]
        through = [allow(who, f"{POINT}/object/*", **when) for who, when in self.point_rows]
        grants = [{"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"}]
        bucket = bucket_line(
            get_bucket_policy=policy(*held),
            get_public_access_block=block(*self.flags["bucket"]),
            get_bucket_acl={"Owner": {"ID": "me"}, "Grants": grants if self.acl else []},
            get_bucket_ownership_controls=ENFORCED if self.enforced else Absent,
        )
        item = {"Name": "ap", "Bucket": "amzn-s3-demo-bucket", "BucketAccountId": ACCOUNT}
        if self.vpc:
            item["VpcConfiguration"] = {"VpcId": self.vpc}  # type: ignore[assignment]
        point = line(
            POINT,
            item,
            get_access_point=block(*self.flags["point"]),
            get_access_point_policy=policy(*through),
        )
        account = block(*self.flags["account"])
        return World(account, self.organisation, [bucket], {"s3:access-point": [point]})


def judgements(world: World) -> list[Judgement]:
    with tempfile.TemporaryDirectory() as folder:
        return world.judged(Path(folder))


def ranks(found: list[Judgement]) -> Rank:
    """The strongest verdict by source and mechanism."""
    strongest: Rank = {}
    for one in found:
        key = (one.source, one.mechanism)
        strongest[key] = max(strongest.get(key, 0), one.answer.verdict.rank)
    return strongest


rows = st.lists(st.tuples(principals, conditions), max_size=3).map(tuple)
flags = st.fixed_dictionaries({level: st.frozensets(st.sampled_from(FLAGS)) for level in LEVELS})
worlds = st.builds(
    Drawn,
    rows=rows,
    point_rows=rows,
    flags=flags,
    organisation=st.sampled_from(["", "", "none", "all"]),
    acl=st.booleans(),
    enforced=st.booleans(),
    vpc=st.sampled_from(["", "", "vpc-1a2b3c4d"]),
)


@settings(max_examples=25)
@given(worlds, st.sampled_from(LEVELS), st.sampled_from(FLAGS))
def test_a_flag_that_is_switched_on_opens_nothing(drawn: Drawn, level: str, flag: str) -> None:
    before = ranks(judgements(drawn.world()))
    on = replace(drawn, flags=drawn.flags | {level: drawn.flags[level] | {flag}})
    after = ranks(judgements(on.world()))
    nothing = Verdict.NO.rank
    assert {key for key, rank in after.items() if rank > before.get(key, nothing)} == set()


@settings(max_examples=25)
@given(worlds)
def test_the_organisations_policy_for_all_opens_nothing(drawn: Drawn) -> None:
    before = ranks(judgements(replace(drawn, organisation="").world()))
    after = ranks(judgements(replace(drawn, organisation="all").world()))
    assert {key for key, rank in after.items() if rank > before.get(key, 0)} == set()
    # And it leaves nothing public for sure.
    public = {key for key, rank in after.items() if key[0] == "internet"}
    assert not {key for key in public if after[key] == Verdict.YES.rank}


@settings(max_examples=25)
@given(worlds, st.sampled_from(NARROWING), st.data())
def test_a_narrowing_condition_never_widens(drawn: Drawn, narrowed: Any, data: Any) -> None:
    """Of a policy that Block Public Access does not cut: there narrowing can end the cut."""
    free = replace(drawn, organisation="none", flags=dict.fromkeys(LEVELS, frozenset()))
    if not free.rows:
        return
    number = data.draw(st.integers(0, len(free.rows) - 1))
    who, when = free.rows[number]
    changed = (*free.rows[:number], (who, both(when, narrowed)), *free.rows[number + 1 :])
    before = ranks(judgements(free.world()))
    after = ranks(judgements(replace(free, rows=changed).world()))
    for (source, mechanism), rank in after.items():
        if source in ("internet", "any-aws-principal", "any-aws-account"):
            assert rank <= before.get((source, mechanism), 0)
    for caller in (ANONYMOUS, ANY_AWS_PRINCIPAL, OTHER, THIRD):
        assert access(changed, caller) <= access(free.rows, caller)


def access(rows: tuple[tuple[Any, Any], ...], caller: Any) -> int:
    """How sure one caller may read an object, as far as the policy says."""
    statements = [allow(who, [BUCKET, f"{BUCKET}/*"], **when) for who, when in rows]
    document = {"Version": "2012-10-17", "Statement": statements}
    answer = resource_policy_access(document, caller, ["s3:GetObject"], BUCKET, ACCOUNT)
    return answer.verdict.rank


def both(first: Any, second: Any) -> Any:
    """Two conditions, joined by AND; a key of both keeps the values of both."""
    found = {operator: dict(keys) for operator, keys in first.items()}
    for operator, keys in second.items():
        for key, value in keys.items():
            held = found.setdefault(operator, {})
            held.setdefault(key, value)
    return found


@settings(max_examples=20)
@given(worlds, st.permutations([ACCOUNT, OTHER, THIRD]))
def test_permuted_account_numbers_give_the_same_shape(drawn: Drawn, order: list[str]) -> None:
    mapped = dict(zip([ACCOUNT, OTHER, THIRD], order, strict=True))
    plain = judgements(drawn.world())
    with tempfile.TemporaryDirectory() as folder:
        other = PermutedWorld(drawn.world(), mapped).judged(Path(folder))
    expected = {
        (
            renamed(one.source, mapped),
            renamed(one.target, mapped),
            one.mechanism,
            str(one.answer.verdict),
            tuple(renamed(term, mapped) for term in one.answer.conditions),
        )
        for one in plain
    }
    found = {
        (one.source, one.target, one.mechanism, str(one.answer.verdict), one.answer.conditions)
        for one in other
    }
    assert found == expected


def renamed(text: str, mapped: dict[str, str]) -> str:
    for number, account in enumerate(mapped):
        text = text.replace(account, f"\x00{number}")
    for number, account in enumerate(mapped.values()):
        text = text.replace(f"\x00{number}", account)
    return text


@dataclass
class PermutedWorld:
    """A world with other account numbers."""

    world: World
    mapped: dict[str, str]

    def judged(self, folder: Path) -> list[Judgement]:
        """Every judgement."""
        return self.world.judged(folder, lambda text: renamed(text, self.mapped))
