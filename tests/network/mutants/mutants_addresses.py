"""Mutants of the way from the internet to a subnet (N1 to N3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.evidence import Ref, Step
from graph.network import (
    block_public_access_from_snapshot,
    ec2_shapes,
    from_snapshot,
    internet,
    path,
)
from graph.network.facts import BlockPublicAccess, InternetGateway
from graph.network.prefixes import EVERYTHING
from graph.network.world import NetworkWorld
from graph.verdict import Verdict
from tests.network.mutants.changes import (
    Thunk,
    always_is,
    answer,
    constant,
    fact,
    instead_of,
    known,
    passing,
    without_gap,
)
from tests.network.mutants.mutation import StepMutant, off

INSTANCE = "test_internet_to_instance.py::"
ADDRESSES = "test_addresses.py::"
BPA = "test_block_public_access.py::"
ROUTES = "test_internet_routes.py::"


def _any_public(association: Any) -> str:
    told = association if isinstance(association, dict) else {}
    return str(next((told[key] for key in _PUBLIC_KEYS if told.get(key)), ""))


_PUBLIC_KEYS = ("PublicIp", "CarrierIp", "CustomerOwnedIp")


def _takes(kind: str) -> Thunk:
    """One kind of interface is taken for one that takes traffic in."""
    return answer(internet, "never_inbound", lambda found: "" if found == kind else found)


def _address_v6(original: Callable[..., Step]) -> Callable[..., Step]:
    def mutated(world: Any, interface: Any) -> Step:
        step = original(world, interface)
        return step if interface.ipv6 else replace(step, result="pass")

    return mutated


def _stopped(world: Any, interface: Any) -> Verdict:
    instance = world.instances.get(interface.owner)
    stopped = instance and instance.state in ("stopped", "stopping")
    return Verdict.DORMANT if stopped else Verdict.NO


def _blocks_nothing(mode: str) -> Callable[[Step], Step]:
    return lambda step: replace(step, result="pass") if f"is {mode};" in step.text else step


def _exclusions(change: Callable[[tuple[str, str]], tuple[str, str] | None]) -> Thunk:
    def changed(one: BlockPublicAccess) -> BlockPublicAccess:
        kept = (change(row) for row in one.exclusions or ())
        return replace(one, exclusions=tuple(row for row in kept if row is not None))

    return known("block_public_access", changed)


class _Anybodys(dict[Any, Any]):
    """Settings of whatever account was read first."""

    def get(self, key: Any, default: Any = None) -> Any:
        return next(iter(self.values()), default)


def _any_state(self: Any, item: Any) -> InternetGateway:
    vpcs = [self.near(item)(one["VpcId"]) for one in item.item.get("Attachments", ())]
    return InternetGateway(item.id, tuple(vpcs), (Ref.to(item, "/item"),))


_KINDS = "test_kinds_of_interfaces_that_take_nothing_in"
_TAKING_NOTHING = {"vpc_endpoint": "test_an_endpoints_ipv6_addresses_take_nothing_in"}

MUTANTS: dict[str, StepMutant] = {
    "N1": off(
        "everything has a public IPv4 address",
        INSTANCE + "test_elastic_ip_on_a_second_address_and_told_by_describe_addresses",
        passing(internet, "_address_v4", "address"),
    ),
    "N1/second-address": off(
        "only an interface's first address counts",
        INSTANCE + "test_elastic_ip_on_a_second_address_and_told_by_describe_addresses",
        answer(ec2_shapes, "addresses", lambda found: found[:1]),
    ),
    "N1/describe-addresses": off(
        "only the interface tells its addresses",
        INSTANCE + "test_elastic_ip_on_a_second_address_and_told_by_describe_addresses",
        constant(ec2_shapes, "keyed", lambda pairs: {}),
    ),
    "N1/carrier": off(
        "a carrier's or customer's address is a public one",
        ADDRESSES + "test_a_carriers_or_customers_address_is_not_the_internets",
        constant(ec2_shapes, "_public", _any_public),
    ),
    "N1/no-ipv6": off(
        "an interface has an IPv6 address where its subnet has",
        ADDRESSES + "test_an_interface_without_ipv6_in_a_subnet_that_has_it_is_not_reached",
        instead_of(internet, "_address_v6", _address_v6),
    ),
    "N1/private-ipv6": off(
        "private IPv6 blocks are the internet's",
        INSTANCE + "test_deny_all_igw_traffic_and_private_ipv6_are_no_address",
        fact("subnets", private_ipv6=()),
    ),
    "N1/unique-local": off(
        "unique local IPv6 addresses are the internet's",
        INSTANCE + "test_deny_all_igw_traffic_and_private_ipv6_are_no_address",
        constant(internet, "PUBLIC", EVERYTHING),
    ),
    "N1/deny-igw": off(
        "DenyAllIgwTraffic means nothing",
        INSTANCE + "test_deny_all_igw_traffic_and_private_ipv6_are_no_address",
        fact("interfaces", deny_igw=False),
    ),
    "N1/kinds": off(
        "every kind of interface takes traffic in",
        ADDRESSES + "test_kinds_of_interfaces_that_take_nothing_in",
        always_is(internet, "never_inbound", ""),
    ),
    **{
        f"N1/{kind}": off(
            f"a {kind} takes traffic in",
            ADDRESSES + _TAKING_NOTHING.get(kind, f"{_KINDS}[{kind}-no]"),
            _takes(kind),
        )
        for kind in internet.NEVER_INBOUND
    },
    "N1/nat-by-gateway": off(
        "only its own type says that an interface is a NAT gateway's",
        INSTANCE + "test_nat_gateway_address_is_never_reached",
        constant(NetworkWorld, "nat_interfaces", frozenset()),
    ),
    "N1/endpoint-by-endpoint": off(
        "only its own type says that an interface is an endpoint's",
        ADDRESSES + "test_an_endpoints_interface_is_known_by_its_endpoint_too",
        constant(NetworkWorld, "endpoint_interfaces", frozenset()),
    ),
    "N1/comes-back": off(
        "an address that vanished on stop does not come back",
        INSTANCE + "test_stopped_instance_without_address_sleeps_only_where_the_subnet_gives_one",
        always_is(internet, "_given_back", Verdict.NO),
    ),
    "N1/comes-back-anywhere": off(
        "every subnet gives a public address on start",
        INSTANCE + "test_stopped_instance_without_address_sleeps_only_where_the_subnet_gives_one",
        constant(internet, "_given_back", _stopped),
    ),
    "N1/comes-back-to-stopped": off(
        "what runs without an address may get one too",
        ADDRESSES + "test_only_a_stopped_instances_address_comes_back",
        constant(
            internet,
            "_given_back",
            lambda world, one: (
                Verdict.DORMANT if world.subnets[one.subnet].maps_public_ip else Verdict.NO
            ),
        ),
    ),
    "N2": off(
        "VPC Block Public Access blocks nothing",
        INSTANCE + "test_vpc_block_public_access",
        passing(path, "block_public_access_step", "VPC block public access"),
    ),
    "N2/block-ingress": off(
        "block-ingress stops nothing that comes in",
        INSTANCE + "test_vpc_block_public_access[block-ingress]",
        answer(path, "block_public_access_step", _blocks_nothing("block-ingress")),
    ),
    "N2/block-bidirectional": off(
        "block-bidirectional stops nothing that comes in",
        INSTANCE + "test_vpc_block_public_access[block-bidirectional]",
        answer(path, "block_public_access_step", _blocks_nothing("block-bidirectional")),
    ),
    "N2/exclusion": off(
        "nothing is excluded",
        INSTANCE + "test_vpc_block_public_access",
        _exclusions(lambda row: None),
    ),
    "N2/allow-egress": off(
        "an allow-egress exclusion lets in",
        INSTANCE + "test_vpc_block_public_access",
        _exclusions(lambda row: (row[0], "allow-bidirectional")),
    ),
    "N2/exclusion-of-vpc": off(
        "a VPC's exclusion is none of its subnets'",
        BPA + "test_an_exclusion_of_the_vpc_is_one_of_its_subnets",
        _exclusions(lambda row: row if ":subnet/" in row[0] else None),
    ),
    "N2/exclusion-of-any-vpc": off(
        "another VPC's exclusion counts",
        BPA + "test_an_exclusion_of_the_vpc_is_one_of_its_subnets",
        answer(
            path,
            "block_public_access_step",
            lambda step: replace(step, result="pass") if step.result == "fail" else step,
        ),
    ),
    "N2/exclusion-deleted": off(
        "an exclusion that was deleted still excludes",
        INSTANCE + "test_vpc_block_public_access",
        constant(block_public_access_from_snapshot, "_NO_EXCLUSION", ("create-failed",)),
    ),
    "N2/exclusion-failed": off(
        "an exclusion that could not be made excludes",
        BPA + "test_an_exclusion_that_was_not_made_excludes_nothing",
        constant(block_public_access_from_snapshot, "_NO_EXCLUSION", ("delete-complete",)),
    ),
    "N2/exclusions-unread": off(
        "exclusions that were not read are none",
        INSTANCE + "test_vpc_block_public_access",
        _exclusions(lambda row: row),
    ),
    "N2/subnet-mode": off(
        "a subnet's own mode means nothing",
        INSTANCE + "test_subnets_own_block_mode_is_the_effective_one",
        fact("subnets", block_mode=None),
    ),
    "N2/vpc-mode": off(
        "a VPC's own mode means nothing",
        BPA + "test_the_vpcs_mode_counts_where_the_accounts_was_not_read",
        fact("vpcs", block_mode=None),
    ),
    "N2/unread": off(
        "a mode that was not read is off",
        INSTANCE
        + "test_what_was_denied_is_unknown_and_named"
        + "[ec2.describe_vpc_block_public_access_options]",
        without_gap("ec2.describe_vpc_block_public_access_options"),
    ),
    "N2/owner": off(
        "any account's settings count for a shared subnet",
        BPA + "test_of_a_shared_subnet_the_owners_setting_counts",
        constant(
            NetworkWorld,
            "block_public_access",
            property(
                lambda self: _Anybodys(
                    {one.account_id: one for one in self.facts.block_public_access}
                )
            ),
        ),
    ),
    "N3": off(
        "every VPC has an internet gateway",
        INSTANCE + "test_detached_gateway_closes_although_the_route_remains",
        passing(path, "gateway_step", "internet gateway"),
    ),
    "N3/state": off(
        "a gateway that comes or goes is attached",
        ROUTES + "test_only_a_gateway_that_is_attached_counts",
        constant(from_snapshot._Reader, "_gateway", _any_state),
    ),
    "N3/unread": off(
        "gateways that were not read are none",
        INSTANCE + "test_what_was_denied_is_unknown_and_named[ec2.describe_internet_gateways]",
        without_gap("ec2.describe_internet_gateways"),
    ),
}
