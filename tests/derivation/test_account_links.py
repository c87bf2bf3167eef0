"""``LINKED_TO``: what one account has of another, each rule with its twin."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivation.aws_world import (
    DEV,
    EC2,
    FULL,
    ORG,
    PROD,
    VENDOR,
    Derive,
    World,
    allow,
    iam,
    trusting,
)
from graph.derivation.account_links import WIDE, account_links
from graph.inventory import inventory
from graph.records import Node, Relationship
from tests.schema.aws_lines import WEST, Line, line, ok, write

THIRD = "777788889999"
ROLE = iam("role", "target")


def node(node_id: str, label: str, account: str | None = None, **props: Any) -> Node:
    base = {"name": node_id.rpartition("/")[2], "resource_type": label, "account_id": account}
    return Node(node_id, (label,), base | props)


def account(account_id: str, label: str = "AWSAccount", **props: Any) -> Node:
    return node(f"account:{account_id}", label, account_id, category="account", **props)


def step(kind: str, start: str, end: str, verdict: str = "yes", **props: Any) -> Relationship:
    conditions = ["context:aws:x=1"] if verdict == "conditional" else []
    base = {"verdict": verdict, "why": f"{start} {kind} {end}.", "conditions": conditions}
    return Relationship(kind, start, end, kind, base | props)


Links = dict[tuple[str, str, str], dict[str, Any]]


def links(
    nodes: Iterable[Node],
    relationships: Iterable[Relationship] = (),
    collected: tuple[str, ...] = (PROD, DEV, THIRD),
) -> Links:
    by_id = {one.id: one for one in nodes}
    return told(account_links(by_id, list(relationships), [], collected, {}))


def told(relationships: Iterable[Relationship]) -> Links:
    return {
        (one.start.removeprefix("account:"), one.end.removeprefix("account:"), one.key): one.props
        for one in relationships
        if one.type == "LINKED_TO"
    }


def derived_links(derived: Derive, world: World) -> Links:
    return told(derived(world).relationships)


def verdicts(found: Links) -> dict[tuple[str, str, str], str]:
    return {ends: str(props["verdict"]) for ends, props in found.items()}


def organisation(**roles: list[dict[str, Any]]) -> World:
    world = World()
    world.organisation(prod=PROD, dev=DEV)
    for name, trust in roles.items():
        world.role(name, trust)
    return world


# From AWS's JSON


def test_a_trusted_account_has_trust_and_an_external_id_makes_it_conditional(
    derived: Derive,
) -> None:
    ends = (VENDOR, PROD, "trust")
    open_ = derived_links(derived, organisation(target=[trusting({"AWS": VENDOR})]))
    assert (open_[ends]["verdict"], open_[ends]["examples"]) == ("yes", [ROLE])
    assert (open_[ends]["definite"], open_[ends]["possible"]) == (True, True)
    locked = trusting({"AWS": VENDOR}, Condition={"StringEquals": {"sts:ExternalId": "s"}})
    guarded = derived_links(derived, organisation(target=[locked]))
    assert (guarded[ends]["verdict"], guarded[ends]["definite"]) == ("conditional", False)
    assert guarded[ends]["conditions"]
    assert ends not in derived_links(derived, organisation(target=[EC2]))


def test_several_roles_are_one_link_that_counts_them(derived: Derive) -> None:
    locked = trusting({"AWS": VENDOR}, Condition={"StringEquals": {"sts:ExternalId": "s"}})
    world = organisation(target=[trusting({"AWS": VENDOR})], second=[locked])
    found = derived_links(derived, world)[VENDOR, PROD, "trust"]
    assert (found["verdict"], found["count"]) == ("yes", 2)
    assert (found["definite_count"], found["possible_count"]) == (1, 2)
    assert found["examples"] == [ROLE, iam("role", "second")]


def test_a_trust_that_nobody_can_use_is_dormant(derived: Derive) -> None:
    ends = (DEV, PROD, "trust")
    idle = organisation(target=[trusting({"AWS": DEV})])
    idle.user("one", allow("s3:Get*"), account=DEV)
    able = idle.twin()
    able.user("one", allow("sts:AssumeRole"), account=DEV)
    unread = idle.twin()
    attached = [{"PolicyName": "lost", "PolicyArn": iam("policy", "lost", DEV)}]
    unread.user("one", account=DEV, AttachedManagedPolicies=attached)
    assert verdicts(derived_links(derived, idle))[ends] == "dormant"
    assert verdicts(derived_links(derived, able))[ends] == "yes"
    found = derived_links(derived, unread)[ends]
    assert found["verdict"] == "unknown"
    assert found["conditions"]


def test_data_that_is_shared_links_and_what_everyone_has_does_not(derived: Derive) -> None:
    world = organisation()
    world.user("ann", FULL, account=DEV)
    read = allow("s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": DEV})
    shared = world.twin()
    shared.bucket("b", read)
    assert verdicts(derived_links(derived, shared))[DEV, PROD, "data"] == "yes"
    public = world.twin()
    public.bucket("b", read | {"Principal": "*"})
    assert (DEV, PROD, "data") not in derived_links(derived, public)
    more = world.twin()
    write = allow("s3:PutObject", "arn:aws:s3:::b/*", Principal={"AWS": DEV})
    more.bucket("b", read | {"Principal": "*"}, write)
    assert (DEV, PROD, "data") in derived_links(derived, more)


def test_the_management_account_has_its_members(derived: Derive) -> None:
    found = derived_links(derived, organisation())
    assert {ends: verdict for ends, verdict in verdicts(found).items() if ends[0] == PROD} == {
        (PROD, DEV, "management"): "yes"
    }
    assert ORG in str(found[PROD, DEV, "management"]["why"])
    alone = World()
    alone.role("target", [EC2])
    assert derived_links(derived, alone) == {}


def test_a_delegated_administrator_has_the_other_members_but_not_the_manager(
    derived: Derive,
) -> None:
    world = World()
    world.organisation(prod=PROD, dev=DEV, third=THIRD)
    plain = derived_links(derived, world.twin())
    delegated = f"arn:aws:organizations::{PROD}:account/{ORG}/{DEV}"
    services = [{"ServicePrincipal": "guardduty.amazonaws.com"}]
    item = {"Id": DEV, "Arn": delegated}
    world.add("org:delegated-admin", delegated, item, list_delegated_services_for_account=services)
    found = derived_links(derived, world)
    assert set(found) - set(plain) == {(DEV, THIRD, "management")}
    assert "guardduty.amazonaws.com" in str(found[DEV, THIRD, "management"]["why"])


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("OrganizationAccountAccessRole", {"trust", "management"}),
        ("stacksets-exec-0123", {"trust", "management"}),
        ("ordinary", {"trust"}),
    ],
)
def test_roles_that_aws_makes_for_managing_count_as_management_too(
    derived: Derive, name: str, kinds: set[str]
) -> None:
    found = derived_links(derived, organisation(**{name: [trusting({"AWS": VENDOR})]}))
    assert {kind for start, _, kind in found if start == VENDOR} == kinds


def test_a_peering_over_which_nothing_comes_is_dormant(derived: Derive) -> None:
    world = organisation()
    sides = {"RequesterVpcInfo": {"VpcId": "vpc-1", "OwnerId": PROD}}
    sides |= {"AccepterVpcInfo": {"VpcId": "vpc-2", "OwnerId": DEV}}
    item = {"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"}, **sides}
    peering = f"arn:aws:ec2:eu-west-1:{PROD}:vpc-peering-connection/pcx-1"
    world.add("ec2:vpc-peering", peering, item, region="eu-west-1")
    world.user("one", account=DEV)
    found = verdicts(derived_links(derived, world))
    both = {(PROD, DEV, "network"), (DEV, PROD, "network")}
    assert {ends: found.get(ends) for ends in both} == dict.fromkeys(both, "dormant")
    ended = world.twin()
    ended.item(peering)["Status"] = {"Code": "deleted"}
    assert not both & set(derived_links(derived, ended))


# From records


def net(groups: dict[str, list[str]], targets: dict[str, list[str]]) -> list[Any]:
    """Accounts whose ranges lie in groups, and what the groups reach."""
    found: dict[str, Node] = {}
    edges = []
    for group, members in groups.items():
        found[group] = node(group, "NetworkGroup")
        for number, owner in enumerate(members):
            one = f"network-range:{owner}:{number}"
            found[one] = node(one, "NetworkRange", owner)
            found[f"account:{owner}"] = account(owner)
            edges.append(step("IN_GROUP", one, group))
    for group, owners in targets.items():
        for owner in owners:
            one = f"private-target:{owner}"
            found[one] = node(one, "NetworkTarget", owner)
            found[f"account:{owner}"] = account(owner)
            edges.append(step("CAN_REACH", group, one))
    return [found.values(), edges]


def test_reach_across_accounts_is_each_members_of_the_group() -> None:
    found = links(*net({"network-group:a": [PROD, DEV]}, {"network-group:a": [DEV, THIRD]}))
    assert set(found) == {(PROD, DEV, "network"), (PROD, THIRD, "network"), (DEV, THIRD, "network")}
    own = links(*net({"network-group:a": [DEV]}, {"network-group:a": [DEV]}))
    assert own == {}


def test_a_wide_group_stands_for_its_accounts_so_that_size_stays_members_plus_rules() -> None:
    """A thousand accounts that all reach each other: two thousand relationships, not a million."""
    many = [f"{number:012}" for number in range(1_000)]
    group = "network-group:mesh"
    found = links(*net({group: many}, {group: many}), tuple(many))
    assert len(found) == 2 * len(many)
    assert {(start, end) for start, end, _ in found} == {
        *((one, group) for one in many),
        *((group, one) for one in many),
    }
    few = many[:WIDE]
    assert len(links(*net({group: few}, {group: few}), tuple(few))) == WIDE * (WIDE - 1)


@pytest.mark.parametrize(("collected", "verdict"), [((PROD, DEV), "dormant"), ((PROD,), "unknown")])
def test_a_peering_with_an_account_that_was_not_collected_is_unknown(
    collected: tuple[str, ...], verdict: str
) -> None:
    peering = node("pcx-1", "VPCPeeringConnection", PROD, accepter_account_id=DEV, status="active")
    found = links([peering, account(PROD), account(DEV)], (), collected)
    assert verdicts(found) == {
        (PROD, DEV, "network"): verdict,
        (DEV, PROD, "network"): verdict,
    }
    assert bool(found[PROD, DEV, "network"]["conditions"]) == (verdict == "unknown")


def test_an_attachment_links_both_to_the_gateway_and_reach_goes_before_it() -> None:
    gateway = node("tgw-1", "TransitGateway", PROD)
    attached = node(
        "tgw-attach-1",
        "TransitGatewayAttachment",
        PROD,
        resource_account_id=DEV,
        state="available",
    )
    nodes, edges = net({"network-group:a": [DEV]}, {"network-group:a": [PROD]})
    both = [gateway, attached, *nodes]
    join = step("ATTACHED_TO", "tgw-attach-1", "tgw-1")
    assert verdicts(links(both, [join])) == {
        (DEV, PROD, "network"): "dormant",
        (PROD, DEV, "network"): "dormant",
    }
    reached = links(both, [join, *edges])
    assert verdicts(reached)[DEV, PROD, "network"] == "yes"
    assert reached[DEV, PROD, "network"]["examples"] == [f"private-target:{PROD}"]
    attached.props["state"] = "deleted"
    assert links(both, [join]) == {}


@pytest.mark.parametrize(
    ("resource", "category", "kind"),
    [
        (f"arn:aws:ec2:eu-west-1:{PROD}:subnet/subnet-1", "network", "network"),
        (f"arn:aws:ec2:eu-west-1:{PROD}:transit-gateway/tgw-1", "other", "network"),
        (f"arn:aws:vpc-lattice:eu-west-1:{PROD}:servicenetwork/sn-1", "other", "network"),
        (f"arn:aws:ec2:eu-west-1:{PROD}:snapshot/snap-1", "data", "data"),
        (f"arn:aws:ec2:eu-west-1:{PROD}:capacity-reservation/cr-1", "other", "data"),
        (f"arn:aws:organizations::{PROD}:root/o-1/r-1", "account", "management"),
    ],
)
def test_a_share_is_of_the_kind_of_what_is_shared(resource: str, category: str, kind: str) -> None:
    shared = Relationship("SHARED_WITH", resource, f"account:{VENDOR}", "share", {})
    outside = account(VENDOR, "ExternalAccount")
    found = links([node(resource, "Thing", PROD, category=category), outside], [shared])
    assert verdicts(found) == {(VENDOR, PROD, kind): "yes"}


def test_a_received_share_is_of_the_kinds_of_what_it_gives() -> None:
    arns = [f"arn:aws:ec2:eu-west-1:{PROD}:subnet/s", f"arn:aws:glue:eu-west-1:{PROD}:database/d"]
    share = node("share", "ResourceShare", PROD, category="policy", received_resource_arns=arns)
    edge = Relationship("SHARED_WITH", "share", f"account:{DEV}", "share", {})
    both = {(DEV, PROD, "network"), (DEV, PROD, "data")}
    assert set(links([share, account(DEV)], [edge])) == both
    share.props["received_resource_arns"] = arns[:1]
    assert set(links([share, account(DEV)], [edge])) == {(DEV, PROD, "network")}


@pytest.mark.parametrize(
    ("label", "props", "expected"),
    [
        ("GuardDutyDetector", {"administrator_account_id": DEV}, (DEV, PROD, "management")),
        ("GuardDutyDetector", {"member_account_ids": [DEV]}, (PROD, DEV, "management")),
        ("Region", {"security_hub_member_account_ids": [DEV]}, (PROD, DEV, "management")),
        ("Region", {"macie_administrator_account_id": DEV}, (DEV, PROD, "management")),
        ("ConfigAggregator", {"source_account_ids": [DEV]}, (PROD, DEV, "management")),
        ("StackSet", {"target_account_ids": [DEV, PROD]}, (PROD, DEV, "management")),
    ],
)
def test_settings_that_name_an_account(
    label: str, props: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    found = links([node("thing", label, PROD, **props), account(DEV)])
    assert verdicts(found) == {expected: "yes"}
    assert links([node("thing", label, PROD, **dict.fromkeys(props, PROD))]) == {}
    assert links([node("thing", label, PROD, **dict.fromkeys(props, "not an account"))]) == {}


TRAIL = f"arn:aws:cloudtrail:{WEST}:{PROD}:trail/all"
POLICY = f"arn:aws:dlm:{WEST}:{PROD}:policy/policy-1"


def logging_trail(*, on: bool, to: str) -> Line:
    return line(
        TRAIL,
        {
            "Name": "all",
            "S3BucketName": "copies",
            "CloudWatchLogsLogGroupArn": f"arn:aws:logs:{WEST}:{to}:log-group:all:*",
            "SnsTopicARN": f"arn:aws:sns:{WEST}:{to}:news",
        },
        get_trail_status=ok({"IsLogging": on}),
    )


def sharing_policy(*, on: bool, to: str) -> Line:
    details = {"Schedules": [{"ShareRules": [{"TargetAccounts": [to]}]}]}
    state = "ENABLED" if on else "DISABLED"
    held = {"Policy": {"State": state, "PolicyDetails": details}}
    return line(POLICY, get_lifecycle_policy=ok(held))


@pytest.mark.parametrize(
    ("kind", "made"), [("cloudtrail:trail", logging_trail), ("dlm:policy", sharing_policy)]
)
def test_a_setting_by_which_data_leaves_counts_once_and_only_while_it_is_on(
    tmp_path: Path, kind: str, made: Callable[..., Line]
) -> None:
    def of(folder: str, *, on: bool, to: str) -> Links:
        bucket = line("arn:aws:s3:::copies", {"Name": "copies"})
        lines = {(PROD, WEST, kind): [made(on=on, to=to)], (to, "global", "s3:bucket"): [bucket]}
        read = inventory(write(tmp_path / folder, lines))
        return links(read.nodes, read.relationships)

    ends = (DEV, PROD, "data")
    on, off = of("on", on=True, to=DEV), of("off", on=False, to=DEV)
    assert verdicts(on) == {ends: "yes"}
    assert verdicts(off) == {ends: "dormant"}
    assert (on[ends]["count"], on[ends]["definite_count"]) == (1, 1)
    assert (off[ends]["count"], off[ends]["definite_count"]) == (1, 0)
    assert of("same", on=True, to=PROD) == {}


def test_a_log_of_one_bucket_in_another_accounts() -> None:
    ends = [node("a", "S3Bucket", PROD), node("b", "S3Bucket", DEV)]
    found = links(ends, [Relationship("LOGS_TO", "a", "b", "log", {})])
    assert verdicts(found) == {(DEV, PROD, "data"): "yes"}


def test_sources_that_are_no_account_link_nothing() -> None:
    role = node(ROLE, "IAMRole", PROD, category="identity")
    anyone = Node("any-aws-principal", ("AnyAWSPrincipal", "Source"), {"name": "any"})
    assert links([role, anyone], [step("CAN_ASSUME", "any-aws-principal", ROLE)]) == {}


def test_an_organisation_is_a_party_of_its_own_and_not_its_management_account() -> None:
    role = node(ROLE, "IAMRole", PROD, category="identity")
    ours = Node("org:o-1", ("Organization", "Source"), {"name": "o-1", "account_id": DEV})
    found = links([role, ours], [step("CAN_ASSUME", "org:o-1", ROLE)])
    assert set(found) == {("org:o-1", PROD, "trust")}


def test_each_resource_of_a_set_counts() -> None:
    three = [f"arn:aws:s3:::b{number}" for number in range(3)]
    nodes = [node(one, "S3Bucket", PROD, category="data") for one in three]
    nodes += [node("resource-set:1", "ResourceSet", PROD), account(VENDOR, "ExternalAccount")]
    edges = [step("TARGETS", "resource-set:1", one) for one in three]
    edges.append(step("CAN_ACCESS", f"account:{VENDOR}", "resource-set:1"))
    assert links(nodes, edges)[VENDOR, PROD, "data"]["count"] == 3


VERDICTS = ("yes", "conditional", "dormant", "unknown")
ACCOUNTS = (PROD, DEV, THIRD)
steps = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.integers(0, 5), st.sampled_from(VERDICTS)), max_size=12
)


def small(drawn: list[tuple[str, int, str]], numbers: dict[str, str]) -> list[Any]:
    """Roles of three accounts that accounts may assume."""
    home = {n: numbers[ACCOUNTS[n % 3]] for n in range(6)}
    roles = [node(f"arn:aws:iam::{home[n]}:role/r{n}", "IAMRole", home[n]) for n in range(6)]
    edges = [
        Relationship(
            "CAN_ASSUME",
            f"account:{numbers[start]}",
            roles[n].id,
            f"{place}",
            {"verdict": verdict, "conditions": [], "why": f"{place}"},
        )
        for place, (start, n, verdict) in enumerate(drawn)
    ]
    return [[*roles, *map(account, numbers.values())], edges]


@given(steps, st.permutations(ACCOUNTS))
def test_permuted_account_numbers_give_the_same_shape(
    drawn: list[tuple[str, int, str]], order: list[str]
) -> None:
    same, other = (
        dict(zip(ACCOUNTS, ACCOUNTS, strict=True)),
        dict(zip(ACCOUNTS, order, strict=True)),
    )
    plain, permuted = links(*small(drawn, same)), links(*small(drawn, other))
    renamed = {(other[a], other[b], kind): props for (a, b, kind), props in plain.items()}
    shape = ("verdict", "count", "definite_count", "possible_count")
    assert {ends: [props[name] for name in shape] for ends, props in renamed.items()} == {
        ends: [props[name] for name in shape] for ends, props in permuted.items()
    }


@given(steps)
def test_the_order_is_irrelevant_and_fewer_trusts_never_strengthen(
    drawn: list[tuple[str, int, str]],
) -> None:
    same = dict(zip(ACCOUNTS, ACCOUNTS, strict=True))
    nodes, edges = small(drawn, same)
    whole = links(nodes, edges)
    assert links(nodes, edges[::-1]) == whole
    for fewer in itertools.islice(itertools.combinations(edges, max(0, len(edges) - 1)), 4):
        for ends, props in links(nodes, fewer).items():
            held = whole[ends]
            assert VERDICTS.index(str(props["verdict"])) >= VERDICTS.index(str(held["verdict"]))
            assert int(props["count"]) <= int(held["count"])
