"""The order in which a senior assessor would look: each pair differs in one fact."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.front_doors import needs
from graph.verdict import Verdict
from queries.answers.parties import Parties
from queries.answers.public import Stakes, severity_facts
from queries.library import SEVERITIES, load_library
from queries.severity import port_class, severity_of
from queries.severity_document import page

ROOT = Path(__file__).parents[2]


def graded(
    kind: str, *ports: str, verdict: str = "yes", source: str = "Internet", **more: object
) -> str:
    stakes = Stakes(source, str(more.pop("cidr", "")), f"AWS::{kind}", ports=ports, **more)  # type: ignore[arg-type]
    return severity_of("public", severity_facts(stakes), Verdict(verdict))


INSTANCE, BALANCER = "EC2::Instance", "ElasticLoadBalancingV2::LoadBalancer"


@pytest.mark.parametrize(
    ("graver", "milder"),
    [
        # An unauthenticated data store, administration, a web server, a ping.
        (graded(INSTANCE, "tcp/6379"), graded(INSTANCE, "tcp/22")),
        (graded(INSTANCE, "tcp/9200"), graded(INSTANCE, "tcp/5432")),
        (graded(INSTANCE, "tcp/22"), graded(INSTANCE, "tcp/443")),
        (graded(INSTANCE, "tcp/3389"), graded(INSTANCE, "tcp/8080")),
        (graded(INSTANCE, "all"), graded(INSTANCE, "tcp/443")),
        (graded(INSTANCE, "tcp/443"), graded(INSTANCE, "icmp")),
        (graded(INSTANCE, "tcp/443"), graded(BALANCER, "tcp/443")),
        (graded(BALANCER, "tcp/6379"), graded(BALANCER, "tcp/443")),
        (graded("RDS::DBInstance", "tcp/5432"), graded(BALANCER, "tcp/443")),
        (graded("RDS::DBInstance", "tcp/9999"), graded(INSTANCE, "tcp/9999")),
        # AWS asks who calls.
        (
            graded("OpenSearchService::Domain", "tcp/443"),
            graded(
                "OpenSearchService::Domain",
                "tcp/443",
                verdict="conditional",
                conditions=("authn:fine-grained",),
            ),
        ),
        (
            graded("ApiGateway::RestApi", "tcp/443"),
            graded(
                "ApiGateway::RestApi",
                "tcp/443",
                verdict="conditional",
                conditions=("authn:sigv4",),
            ),
        ),
        (graded("ApiGateway::RestApi", "tcp/443"), graded("MWAA::Environment", "tcp/443")),
        (graded(INSTANCE, "tcp/22"), graded("Transfer::Server", "tcp/22")),
        (graded("Transfer::Server", "tcp/6379"), graded("Transfer::Server", "tcp/22")),
        # From whom.
        (
            graded(INSTANCE, "tcp/6379"),
            graded(INSTANCE, "tcp/6379", source="ExternalCidr", cidr="198.51.100.0/24"),
        ),
        (graded("S3::Bucket", level="write"), graded("S3::Bucket", level="read")),
        (
            graded("SQS::Queue", level="write"),
            graded("SQS::Queue", level="write", source="AnyAWSPrincipal"),
        ),
        # What stands behind.
        (graded(INSTANCE, "tcp/443", admin=Verdict.YES), graded(INSTANCE, "tcp/443")),
        (graded("S3::Bucket", level="read", sensitive=True), graded("S3::Bucket", level="read")),
        (graded(INSTANCE, "tcp/443", sensitive=True), graded(INSTANCE, "tcp/443")),
        # Not now.
        (graded(INSTANCE, "tcp/22"), graded(INSTANCE, "tcp/22", verdict="dormant")),
    ],
)
def test_the_graver_of_two_that_differ_in_one_fact(graver: str, milder: str) -> None:
    assert SEVERITIES.index(graver) < SEVERITIES.index(milder), (graver, milder)


def test_a_broad_range_weighs_as_the_internet() -> None:
    broad, narrow = (
        graded(INSTANCE, "tcp/22", source="ExternalCidr", cidr=cidr)
        for cidr in ("64.0.0.0/7", "64.0.0.0/8")
    )
    assert broad == graded(INSTANCE, "tcp/22")
    assert SEVERITIES.index(narrow) > SEVERITIES.index(broad)


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (("tcp/6379",), "unauthenticated"),
        (("tcp/443", "tcp/6379"), "unauthenticated"),
        (("tcp/6300-6399",), "unauthenticated"),
        (("tcp/6300-6400",), "unauthenticated"),
        (("tcp/6380-6400",), "other"),
        (("tcp/0-65535",), "unauthenticated"),
        (("tcp/6380",), "other"),
        (("icmp",), "ping"),
        (("icmp", "icmpv6"), "ping"),
        (("icmp", "tcp/443"), "other"),
        ((), ""),
    ],
)
def test_what_ports_say(ports: tuple[str, ...], expected: str) -> None:
    assert port_class(ports) == expected


def test_a_tag_is_sensitive_by_key_or_by_key_and_value() -> None:
    parties = Parties(sensitive_tags=frozenset({"pii", "class=secret"}))
    assert parties.is_sensitive(["PII=yes"])
    assert parties.is_sensitive(["Class=Secret"])
    assert not parties.is_sensitive(["class=public", "owner=pii"])
    assert not Parties().is_sensitive(["pii=yes"])


def test_a_type_that_no_rule_knows_weighs_by_who_and_on_which_ports() -> None:
    assert graded("New::Thing", "tcp/443") == "medium"
    assert graded("New::Thing", "tcp/22") == "high"
    assert graded("New::Thing", "tcp/443", admin=Verdict.YES) == "critical"


def test_the_page_is_what_the_rules_are() -> None:
    assert (ROOT / "docs" / "severity.md").read_text(encoding="utf-8") == page(), (
        "python -m queries.severity_document"
    )


def test_public_needs_what_any_front_door_reads() -> None:
    library = load_library()
    assert needs() <= set(library.get("public-network").needs)
    assert not needs() <= set(library.get("public-access").needs)
