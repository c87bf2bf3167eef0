"""Mutants of what stands at the end of a way from the internet (N9 to N11)."""

from __future__ import annotations

from dataclasses import replace

from graph.evidence import Step
from graph.network import internet, ports, reach
from graph.network.internet import State
from graph.network.web_acls_from_snapshot import WebAcls
from graph.verdict import Verdict
from tests.network.mutants.changes import always_is, answer, constant, fact, passing
from tests.network.mutants.mutation import StepMutant, off

INSTANCE = "test_internet_to_instance.py::"
ROUTES = "test_internet_routes.py::"
GROUPS = "test_group_rules.py::"
BALANCERS = "test_load_balancers.py::"

MUTANTS: dict[str, StepMutant] = {
    "N9": off(
        "everything runs",
        INSTANCE + "test_stopped_instance_with_an_elastic_ip_is_dormant",
        always_is(internet, "state_of", State(Step("state", "", "pass", "Off."), Verdict.YES)),
    ),
    "N9/terminated": off(
        "what is terminated may run again",
        INSTANCE + "test_stopped_instance_with_an_elastic_ip_is_dormant",
        constant(internet, "_GONE", ()),
    ),
    "N9/stopped": off(
        "what is stopped never runs again",
        GROUPS + "test_each_state_of_an_instance",
        constant(internet, "_GONE", ("stopped", "terminated", "shutting-down")),
    ),
    "N9/pending": off(
        "what starts does not run",
        GROUPS + "test_each_state_of_an_instance",
        constant(internet, "_UP", ("running",)),
    ),
    "N9/attached": off(
        "an interface that is attached to nothing is in use",
        INSTANCE + "test_interface_without_a_known_owner_is_itself_the_target",
        fact("interfaces", status="in-use"),
    ),
    "N9/unread": off(
        "an instance that was not read runs",
        INSTANCE + "test_what_was_denied_is_unknown_and_named[ec2.describe_instances]",
        fact("interfaces", owner_kind=""),
    ),
    "N10": off(
        "nothing inspects",
        ROUTES + "test_an_appliance_on_the_way_is_told_in_its_step",
        passing(internet, "inspection_step", "inspection"),
    ),
    "N10/web-acl": off(
        "web ACLs guard nothing",
        BALANCERS + "test_a_web_acl_is_a_guard_and_changes_no_verdict",
        always_is(WebAcls, "guards", ()),
    ),
    "N10/web-acl-unread": off(
        "web ACLs that were not listed are none",
        BALANCERS + "test_web_acls_that_were_not_listed_are_a_gap_of_the_guard",
        answer(
            WebAcls, "guards", lambda found: tuple(g for g in found if "not_collected" not in g)
        ),
    ),
    "N11": off(
        "no port has a usual service",
        ROUTES + "test_the_usual_service_of_a_port_is_told",
        constant(ports, "USUAL_SERVICE", {}),
    ),
    "N11/known": off(
        "AWS says what listens",
        ROUTES + "test_the_usual_service_of_a_port_is_told",
        answer(reach, "open_ports_text", lambda step: replace(step, text="Something listens.")),
    ),
    "N11/ping": off(
        "a ping is as good as a port",
        INSTANCE + "test_protocols_without_ports_are_not_tcp",
        answer(reach, "_why", lambda text: text.replace(" (ping only)", "")),
    ),
}
