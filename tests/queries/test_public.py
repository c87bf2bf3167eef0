"""Rows of public: weakest of the hops, any of the ways, and twins that differ by one control."""

from __future__ import annotations

from collections.abc import Callable

from graph.schema.derived import named_node
from graph.verdict import Verdict
from queries.answers.admins import admin_behind
from queries.answers.answer import Filters, answered, unknown_causes
from queries.answers.coverage import Coverage
from queries.answers.parties import Parties
from queries.answers.public import public_rows, shown_by_default, strongest_public
from queries.answers.row import Row
from queries.runner import run_query
from tests.queries import organisation as org

NOBODY = Parties()


def rows_of(store, parties: Parties = NOBODY) -> dict[tuple[str, str, str], Row]:
    made = public_rows(
        run_query(store, "public-network"),
        run_query(store, "public-access"),
        parties,
        admin_behind(run_query(store, "identity-steps")),
    )
    return {(r.id, r.own["source"], r.own["mechanism"]): r for r in made}


def test_every_resource_source_and_mechanism_is_one_row(store) -> None:
    assert {(key, str(row.verdict)) for key, row in rows_of(store).items()} == {
        ((org.ALB, "internet", "alb/ipv4"), "yes"),
        ((org.I_WEB, "internet", "alb/ipv4"), "yes"),
        ((org.I_OPEN, "internet", "eni/ipv4"), "yes"),
        ((org.I_STOPPED, "internet", "eni/ipv4"), "dormant"),
        ((org.I_MAYBE, "internet", "eni/ipv4"), "unknown"),
        ((org.DB, "cidr:198.51.100.0/24", "eni/ipv4"), "yes"),
        ((org.BUCKET, "internet", "bucket-policy"), "yes"),
        ((org.TOPIC, "any-aws-principal", "topic-policy"), "yes"),
        ((org.IMAGE, "any-aws-account", "launch-permission"), "yes"),
        ((org.ANY_ROLE, "any-aws-principal", "sts:AssumeRole"), "yes"),
        ((org.OPEN_KEY, "any-aws-principal", "key-policy"), "yes"),
        ((org.CI_ROLE, org.GITHUB, "sts:AssumeRoleWithWebIdentity"), "yes"),
    }


def test_behind_a_front_door_stands_what_it_passes_and_its_own_ports(changed) -> None:
    row = rows_of(changed())[org.I_WEB, "internet", "alb/ipv4"]
    assert row.own["via"] == [org.ALB]
    assert row.own["ways"] == [[org.ALB]]
    assert row.own["names"] == ["shop-1.eu-west-1.elb.amazonaws.com", "www.shop.example"]
    assert row.own["ports"] == ["tcp/443"]
    other = changed(
        without=lambda r: r.type == "TARGETS" and r.start == org.ALB,
        plus=(org.walked("TARGETS", org.ALB, org.I_WEB, "alb", ports=["tcp/8080"]),),
    )
    assert rows_of(other)[org.I_WEB, "internet", "alb/ipv4"].own["ports"] == ["tcp/8080"]


def test_the_ports_of_a_door_are_those_that_lead_to_the_thing(changed) -> None:
    def told(*door_ports: str) -> tuple[list[str], list[list[str]]]:
        twin = changed(
            without=lambda r: r.end in (org.ALB, org.I_WEB) and r.type in ("CAN_REACH", "TARGETS"),
            plus=(
                org.reach(org.ALB, "alb/ipv4", "tcp/80-81", "tcp/443"),
                org.walked(
                    "TARGETS",
                    org.ALB,
                    org.I_WEB,
                    "alb",
                    ports=["tcp/443"],
                    door_ports=list(door_ports),
                ),
            ),
        )
        own = rows_of(twin)[org.I_WEB, "internet", "alb/ipv4"].own
        return own["door_ports"], own["way_ports"]

    assert told("tcp/80") == (["tcp/80"], [["tcp/80"]])
    assert told("tcp/443") == ([], [["tcp/443"]]), "the door's port is the thing's own"
    assert told() == (["tcp/80-81", "tcp/443"], [["tcp/80-81", "tcp/443"]]), "not told apart"


def test_two_doors_each_tell_their_own_ports(changed) -> None:
    second = org.arn("elasticloadbalancing", org.PROD, "loadbalancer/app/second/2")
    node = org._node(second, "LoadBalancer", None, org.PROD)
    twin = changed(
        nodes=(node,),
        plus=(
            org.reach(second, "alb/ipv4", "tcp/80"),
            org.walked("TARGETS", second, org.I_WEB, "alb", ports=["tcp/443"]),
        ),
    )
    own = rows_of(twin)[org.I_WEB, "internet", "alb/ipv4"].own
    assert dict(zip(map(tuple, own["ways"]), own["way_ports"], strict=True)) == {
        (org.ALB,): ["tcp/443"],
        (second,): ["tcp/80"],
    }
    assert own["door_ports"] == ["tcp/80"]


def test_a_front_door_does_not_weigh_by_ports_that_it_passes_on(changed) -> None:
    """What stands behind has the row; a port behind which nothing is known stays the door's."""

    def graded(verdict: str, *door_ports: str) -> tuple[str, str]:
        twin = changed(
            without=lambda r: (
                (r.end in (org.ALB, org.I_WEB) and r.type in ("CAN_REACH", "TARGETS"))
                or (r.type == "HAS_ROLE" and r.start == org.I_WEB)
            ),
            plus=(
                org.reach(org.ALB, "nlb/ipv4", *door_ports),
                org.walked(
                    "TARGETS",
                    org.ALB,
                    org.I_WEB,
                    "nlb",
                    verdict,
                    ports=["tcp/1883"],
                    door_ports=["tcp/1883"],
                ),
            ),
        )
        rows = rows_of(twin)
        door, thing = (rows[node, "internet", "nlb/ipv4"] for node in (org.ALB, org.I_WEB))
        return door.severity, thing.severity

    assert graded("yes", "tcp/1883") == ("low", "high")
    assert graded("yes", "tcp/1883", "tcp/9090") == ("low", "high")
    assert graded("yes", "tcp/1883", "tcp/6379") == ("critical", "high"), "another port"
    assert graded("unknown", "tcp/1883") == ("high", "low"), "not known what stands behind"


def test_the_weakest_hop_decides_and_conditions_add_up(changed) -> None:
    twin = changed(
        without=lambda r: r.type == "TARGETS" and r.start == org.ALB,
        plus=(org.walked("TARGETS", org.ALB, org.I_WEB, "alb", "conditional", ("authn:oidc",)),),
    )
    row = rows_of(twin)[org.I_WEB, "internet", "alb/ipv4"]
    assert row.verdict is Verdict.CONDITIONAL
    assert row.answer.conditions == ("authn:oidc",)
    assert row.key == rows_of(changed())[org.I_WEB, "internet", "alb/ipv4"].key


def test_two_ways_of_one_mechanism_are_one_row_with_the_stronger_verdict(changed) -> None:
    second = org.arn("elasticloadbalancing", org.PROD, "loadbalancer/app/second/2")
    node = org._node(second, "LoadBalancer", None, org.PROD)
    twin = changed(
        nodes=(node,),
        plus=(
            org.reach(second, "alb/ipv4", "tcp/80", verdict="conditional", conditions=("authn:x",)),
            org.walked("TARGETS", second, org.I_WEB, "alb"),
        ),
    )
    row = rows_of(twin)[org.I_WEB, "internet", "alb/ipv4"]
    assert row.verdict is Verdict.YES
    assert row.own["ports"] == ["tcp/443"]
    assert row.own["other_ports"] == ["tcp/80=conditional"]
    assert row.own["ways"] == [[org.ALB], [second]], "the stronger way leads"
    assert row.own["via"] == [org.ALB, second]
    assert any("Also conditional" in text for text in row.answer.evidence)


def test_admin_behind_a_machine_makes_its_row_critical(store, changed) -> None:
    assert rows_of(store)[org.I_WEB, "internet", "alb/ipv4"].severity == "critical"
    twin = changed(without=lambda r: r.type == "HAS_ROLE" and r.start == org.I_WEB)
    assert rows_of(twin)[org.I_WEB, "internet", "alb/ipv4"].severity == "medium"


def test_only_network_rows_count_as_reaching_a_machine(store) -> None:
    best = strongest_public(rows_of(store).values())
    assert best[org.I_WEB] is Verdict.YES
    assert best[org.I_STOPPED] is Verdict.DORMANT
    assert org.BUCKET not in best
    assert org.DB not in best, "a narrow range is not the internet"


def test_a_trusted_range_is_no_finding(store) -> None:
    key = (org.DB, "cidr:198.51.100.0/24", "eni/ipv4")
    assert rows_of(store)[key].severity == "low"
    trusted = Parties(trusted_cidrs=("198.51.0.0/16",))
    assert rows_of(store, trusted)[key].severity == "info"
    elsewhere = Parties(trusted_cidrs=("203.0.113.0/24",))
    assert rows_of(store, elsewhere)[key].severity == "low"


def test_narrow_ranges_and_own_providers_are_shown_when_asked(store) -> None:
    rows = list(rows_of(store).values())
    plain = answered("public", rows, Coverage(), Filters())
    assert plain.left_out == 1
    assert all(shown_by_default(row) for row in plain.rows)
    asked = answered("public", rows, Coverage(), Filters(sources=("cidr",)))
    assert [row.id for row in asked.rows] == [org.DB]
    assert asked.left_out == 0, "what --source did not ask for is no narrow range"


def test_a_range_wider_than_a_slash_8_counts_as_the_internet(changed) -> None:
    def shown(cidr: str) -> bool:
        node = org._node(f"cidr:{cidr}", "ExternalCidr Source", None, None)
        twin = changed(
            nodes=(node,),
            plus=(org.reach("target:db", "eni/ipv4", "tcp/22", source=f"cidr:{cidr}"),),
        )
        return shown_by_default(rows_of(twin)[org.DB, f"cidr:{cidr}", "eni/ipv4"])

    assert shown("64.0.0.0/7")
    assert not shown("64.0.0.0/8")


def test_an_identity_provider_is_public_where_it_serves_everybody(changed) -> None:
    def shown(provider: str) -> bool:
        node_id = f"arn:aws:iam::{org.DEV}:oidc-provider/{provider}"
        node = org._node(node_id, "FederatedProvider Source", None, org.DEV)
        hop = org.walked("CAN_ASSUME", node_id, org.ANY_ROLE, "sts:AssumeRoleWithWebIdentity")
        rows = rows_of(changed(nodes=(node,), plus=(hop,)))
        return shown_by_default(rows[org.ANY_ROLE, node_id, "sts:AssumeRoleWithWebIdentity"])

    assert shown("token.actions.githubusercontent.com")
    assert not shown("login.example.com")
    assert not shown("gitlab.com.example.com")


def test_filters(store) -> None:
    rows = list(rows_of(store).values())

    def ids(**filters: object) -> set[str]:
        made = answered("public", rows, Coverage(), Filters(**filters))  # type: ignore[arg-type]
        return {row.id for row in made.rows}

    assert ids(accounts=(org.DEV,)) == {org.I_STOPPED, org.I_MAYBE, org.IMAGE, org.ANY_ROLE}
    assert ids(regions=("us-east-1",)) == {org.I_MAYBE}
    assert ids(types=("bucket",)) == ids(types=("AWS::S3::Bucket",)) == {org.BUCKET}
    assert ids(types=("ucket",)) == set()
    assert ids(ports=("22",)) == ids(ports=("tcp/22",)) == {org.I_OPEN, org.I_MAYBE}
    assert ids(ports=("udp/22",)) == set()
    assert ids(verdicts=(Verdict.DORMANT,)) == {org.I_STOPPED}


def test_what_premises_reach_is_not_public(changed) -> None:
    """A VPN's network is a source too, but none that ``public`` is about."""
    premises = named_node("on-prem:vgw-1")
    way = org.reach("target:open", "on-prem/ipv4", "tcp/22", source="on-prem:vgw-1")
    twin = changed(plus=(way,), nodes=(premises,))
    assert rows_of(twin).keys() == rows_of(changed()).keys()


def test_a_port_filter_looks_inside_ranges_and_keeps_what_is_not_known(changed) -> None:
    def matches(*ports: str, verdict: str = "yes") -> bool:
        twin = changed(
            without=lambda r: r.type == "CAN_REACH" and r.end == "target:open",
            plus=(org.reach("target:open", "eni/ipv4", *ports, verdict=verdict),),
        )
        made = answered("public", rows_of(twin).values(), Coverage(), Filters(ports=("443",)))
        return org.I_OPEN in {row.id for row in made.rows}

    assert matches("tcp/400-500")
    assert matches("all")
    assert not matches("tcp/444-500")
    assert not matches()
    assert matches(verdict="unknown")


def test_assumptions_can_be_refused(changed) -> None:
    twin = changed(
        without=lambda r: r.type == "CAN_ACCESS" and r.end == org.BUCKET,
        plus=(
            org.walked(
                "CAN_ACCESS", "internet", org.BUCKET, "bucket-policy", level="read", actions=[],
                assumes=["rcp:111111111111"],
            ),
        ),
    )  # fmt: skip
    rows = rows_of(twin).values()
    free = answered("public", rows, Coverage(), Filters())
    assert free.assumes == ("rcp:111111111111",)
    strict = answered("public", rows, Coverage(), Filters(no_assume=True))
    (row,) = [row for row in strict.rows if row.id == org.BUCKET]
    assert row.verdict is Verdict.CONDITIONAL
    assert row.answer.conditions == ("not_collected:rcp:111111111111",)
    (other,) = [row for row in strict.rows if row.id == org.TOPIC]
    assert other.verdict is Verdict.YES


def test_totals_say_what_exists_only_through_unknown_or_dormant(store) -> None:
    made = answered("public", rows_of(store).values(), Coverage(), Filters())
    assert made.totals["only_through_unknown"] == 1
    assert made.totals["only_through_dormant"] == 1
    assert sum(made.totals["verdict"].values()) == made.totals["rows"] == 11
    assert unknown_causes(made.rows) == [("not_collected:ec2.describe_route_tables", 1)]


def test_accepted_risks_stay_in_the_answer_but_do_not_count(store) -> None:
    rows = [row for row in rows_of(store).values() if row.id == org.BUCKET]
    (row,) = rows
    plain = answered("public", rows, Coverage(), Filters())
    assert plain.as_strong_as(Verdict.YES)
    accepted = answered("public", rows, Coverage(), Filters(), {row.key[:8]: "a web site"})
    assert accepted.rows[0].accepted == "a web site"
    assert not accepted.as_strong_as(Verdict.UNKNOWN)


def test_keys_do_not_hang_on_names_ports_or_verdicts(store, changed: Callable[..., object]) -> None:
    twin = changed(
        without=lambda r: r.type == "CAN_REACH" and r.end == "target:open",
        plus=(org.reach("target:open", "eni/ipv4", "tcp/443", verdict="conditional"),),
    )
    key = (org.I_OPEN, "internet", "eni/ipv4")
    assert rows_of(twin)[key].key == rows_of(store)[key].key
    keys = [row.key for row in rows_of(store).values()]
    assert len(set(keys)) == len(keys)
