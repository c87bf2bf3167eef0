"""Labels and relationships that no AWS type declares: sources, groups, and what is walked.

Names, directions and meanings are the contract's; ``docs/schema.md`` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.records import Node


@dataclass(frozen=True, slots=True)
class DerivedLabel:
    """A label that is not a snapshot type's.

    Attributes:
        label: the label.
        description: one line.
        id_form: what its nodes' ids look like.
        properties: name and description.
        source: whether its nodes also carry ``Source``.
        name: how a node is shown; ``{}`` is what follows the colon in its id.
    """

    label: str
    description: str
    id_form: str
    properties: tuple[tuple[str, str], ...] = ()
    source: bool = False
    name: str = "{}"


@dataclass(frozen=True, slots=True)
class WalkedType:
    """A relationship that attack paths walk, in the direction of the attack.

    Attributes:
        type: the relationship's type.
        start: labels it begins at, as text.
        end: labels it ends at, as text.
        description: one line.
        properties: name and description, beside :data:`VERDICT_PROPERTIES`.
    """

    type: str
    start: str
    end: str
    description: str
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FactType:
    """A configuration relationship that the derivation draws; paths never walk it.

    Attributes:
        type: the relationship's type.
        start: labels it begins at.
        end: labels it ends at.
        description: one line.
        properties: name and description.
    """

    type: str
    start: tuple[str, ...]
    end: tuple[str, ...]
    description: str
    properties: tuple[tuple[str, str], ...] = ()


def _source(label: str, id_form: str, description: str, name: str = "{}") -> DerivedLabel:
    return DerivedLabel(label, description, id_form, source=True, name=name)


SOURCES = (
    _source("Internet", "internet", "Any host, without credentials.", "Internet"),
    _source(
        "AnyAWSPrincipal",
        "any-aws-principal",
        "Any signed request, from any AWS account.",
        "Any AWS principal",
    ),
    _source(
        "AnyAWSAccount",
        "any-aws-account",
        "Any account may copy, attach or connect.",
        "Any AWS account",
    ),
    _source(
        "AnyAccountVia",
        "any-account-via:<service principal>",
        "Any account, through a service that can be made a confused deputy.",
        "Any account via {}",
    ),
    _source(
        "AnyCustomerOf",
        "any-customer-of:<service>",
        "Any customer of a service whose addresses all its customers share.",
        "Any customer of {}",
    ),
    _source(
        "SelfSignUp",
        "self-sign-up:<user pool>",
        "Anyone who registers with the user pool.",
        "Self sign-up at {}",
    ),
    _source(
        "FederatedProvider",
        "federated:<host name> or <ARN>",
        "Whoever an identity provider vouches for.",
    ),
    _source("ExternalCidr", "cidr:<cidr>", "A range of public addresses."),
    _source("Organization", "org:<organisation id>", "Every principal of an organisation."),
    DerivedLabel(
        "ExternalAccount",
        "An account that is neither collected nor in the organisation.",
        "account:<account id>",
        (
            ("vendor", "Who it belongs to, as far as is publicly known."),
            ("vendor_kind", "vendor, or aws-service for an account of an AWS service."),
        ),
        source=True,
    ),
    _source("AWSService", "service:<service principal>", "An AWS service."),
    _source(
        "OnPrem",
        "on-prem:<gateway or connection>",
        "A network behind a VPN or a direct connection.",
        "On premises via {}",
    ),
)
"""The closed list of sources of access."""

_SHARED = ("member_count", "How many members it has.")

GROUPS = (
    DerivedLabel(
        "NetworkGroup",
        "Ranges that some rule lets in together: members lead into it, it reaches.",
        "network-group:<hash>",
        (_SHARED,),
    ),
    DerivedLabel(
        "NetworkTarget",
        "Interfaces that share VPC, route table, ACL, groups and what decides inbound reach.",
        "network-target:<vpc>:<hash>; private-target:<vpc>:<hash> for private reach",
        (
            _SHARED,
            ("public_ipv4", "Whether the members have a public IPv4 address."),
            ("public_ipv6", "Whether the members have a public IPv6 address."),
            ("network_acl", "The network ACL that filters them."),
            ("route_tables", "The route tables in effect."),
            ("security_groups", "The security groups that filter them."),
        ),
    ),
    DerivedLabel(
        "NetworkRange",
        "Interfaces that send alike by their private addresses; or ranges that join groups as one.",
        "network-range:<subnet or vpc>:<hash>",
        (_SHARED, ("cidr", "The subnet's range.")),
    ),
    DerivedLabel(
        "PrincipalSet",
        "Principals to whom one grant is given.",
        "principal-set:<hash>",
        (_SHARED,),
    ),
    DerivedLabel(
        "ResourceSet", "Resources that one grant covers.", "resource-set:<hash>", (_SHARED,)
    ),
)
"""Groups, which keep the graph at members + rules instead of pairs."""

OTHER_LABELS = (
    DerivedLabel(
        "Resource",
        "Every node; ids are unique among them.",
        "",
    ),
    DerivedLabel("Source", "Every source of access.", ""),
    DerivedLabel(
        "OtherResource",
        "A resource of a type that is not collected, named by a relationship.",
        "<ARN or short id>",
    ),
    DerivedLabel(
        "RootUser",
        "An account's root user, as a principal of its own.",
        "<ARN>",
    ),
    DerivedLabel(
        "PrincipalSession",
        "A session of a role or a federated user that a policy names.",
        "<ARN>",
    ),
    DerivedLabel(
        "DeletedPrincipal",
        "A principal that no longer exists; the policy holds its unique id.",
        "deleted:<unique id>",
    ),
    DerivedLabel(
        "OutsideAddress",
        "A host or mailbox that data is sent to. AWS does not say whose it is.",
        "address:<host or mailbox>",
    ),
    DerivedLabel(
        "Disagreement",
        "An answer of one of AWS's own analysers that contradicts ours.",
        "disagreement:<hash>",
        (
            ("tool", "Reachability, Network Access or IAM Access Analyzer."),
            ("analysis", "Id of the analysis or finding; ARN of an analyzer without a finding."),
            ("question", "From what (or whom) to what, on which ports."),
            ("theirs", "reachable, not reachable; external or public access, no finding."),
            ("their_reason", "AWS's explanation codes, its path, or what the finding says."),
            ("analysed_at", "When AWS analysed it; the configuration may have changed since."),
            ("ours", "Our verdict."),
            ("our_reason", "Our reason in one sentence."),
            ("evidence", "Where AWS's answer stands in the snapshot."),
        ),
    ),
    DerivedLabel(
        "PolicyDocument",
        "What a policy says; one node for all policies with the same text.",
        "policy-document:<hash>",
        (
            ("statement_count", "How many statements it has; null if it cannot be read."),
            ("size", "Bytes as compact JSON."),
            ("version", "2012-10-17 (with policy variables) or 2008-10-17."),
            (
                "allows_everything",
                "Whether a statement allows every action on every resource without condition.",
            ),
            ("broken", "Whether it cannot be read, so that nothing is known of what it says."),
            ("broken_reason", "Why it cannot be read."),
            ("attachment_count", "How many policies have this text."),
            ("attached_as", "Their names, the first 20."),
        ),
    ),
    DerivedLabel(
        "PolicyStatement",
        "One statement of a document, for the first 1,024.",
        "policy-statement:<hash>/<index>",
        (
            ("index", "Its place in the document, from 0, as evidence cites it."),
            ("sid", "Its Sid."),
            ("effect", "Allow or Deny."),
            ("actions", "Action, as written; null where there is none, as with every list here."),
            ("not_actions", "NotAction, as written."),
            ("action_count", "How many actions are written; the lists keep 4,096."),
            ("resources", "Resource, as written."),
            ("not_resources", "NotResource, as written."),
            ("resource_count", "How many resources are written."),
            ("principals", "Principal as Service=ec2.amazonaws.com; * alone is everyone."),
            ("not_principals", "NotPrincipal, likewise."),
            ("principal_count", "How many principals are written."),
            ("conditions", "As StringEquals aws:SourceVpc=vpc-1 or vpc-2; all must hold."),
            ("condition_count", "How many conditions there are; 0: none."),
            (
                "allows_everything",
                "Whether it allows every action on every resource without condition.",
            ),
        ),
    ),
    DerivedLabel(
        "AttackState",
        "A node in a state in which it leads on otherwise than under plain control.",
        "attack-state:<hash>",
        (
            ("of", "Id of the node."),
            ("state", "How it was come by, in a few words, e.g. from Internet over ipv4."),
            ("why", "The same in a sentence."),
        ),
    ),
    DerivedLabel(
        "AttackPath",
        "A path from the internet to admin of an account: a row of mapper paths.",
        "<key of the row>",
        (
            ("verdict", "That of its weakest step."),
            ("definite", "Whether the verdict is yes."),
            ("possible", "Whether the verdict is yes or conditional."),
            ("why", "One sentence."),
            ("conditions", "Of all steps."),
            ("evidence", "A sentence for each step."),
            ("assumes", "Layers that were invisible and taken as absent."),
            ("guards", "Controls in the way that do not change the verdict."),
            ("from_id", "Id of its start."),
            ("to_id", "Id of its end."),
            ("steps", "How many steps it has."),
            ("lateral", "Whether it uses a machine's network reach."),
            ("techniques", "The catalogued techniques of its steps."),
            ("complete", "Whether all such paths are stored; if not, mapper paths has the others."),
        ),
    ),
    DerivedLabel(
        "Snapshot",
        "What was loaded; while state is loading, answers are refused.",
        "snapshot:<snapshot id>",
        (
            ("state", "loading or loaded."),
            ("stamp", "The load that wrote the derived relationships."),
            ("finished", "When the collection finished (ISO 8601)."),
        ),
    ),
)

_OF_A_PATH = (
    ("step", "Which step of the path leads there, from 1."),
    ("by", "The type of that step."),
    ("technique", "The catalogued technique that it is."),
    ("verdict", "Of that step."),
    ("why", "One sentence."),
)

FACTS = (
    FactType(
        "HAS_DOCUMENT",
        (
            "IAMGroup",
            "IAMPolicy",
            "IAMRole",
            "IAMUser",
            "OrganizationPolicy",
            "PermissionSet",
            "resource",
        ),
        ("PolicyDocument",),
        "The policy, or a policy embedded in the principal or resource, has this text.",
        (
            ("kind", "managed, inline, trust, organization, resource or endpoint."),
            ("name", "The policy's name, as evidence cites it."),
        ),
    ),
    FactType(
        "HAS_STATEMENT",
        ("PolicyDocument",),
        ("PolicyStatement",),
        "The document has the statement.",
    ),
    FactType(
        "CONCERNS",
        ("Disagreement",),
        ("resource",),
        "What the two answers are about.",
    ),
    FactType(
        "RESOLVES_TO",
        ("HostedZone",),
        ("resource",),
        "A record of the zone leads to it, directly or through further records.",
        (
            ("name", "The record's name, in lower case."),
            ("is_public", "Whether everybody can look it up; false: only the zone's VPCs."),
        ),
    ),
    FactType(
        "LINKED_TO",
        ("AWSAccount", "ExternalAccount", "Organization", "OrganizationalUnit", "NetworkGroup"),
        ("AWSAccount", "ExternalAccount", "NetworkGroup"),
        "What the start has of the end, summed up: the start gets the power, data or reach.",
        (
            ("kind", "trust, data, network or management; also the key."),
            ("verdict", "The strongest: yes, conditional, dormant or unknown."),
            ("definite", "Whether the verdict is yes."),
            ("possible", "Whether the verdict is yes or conditional."),
            ("why", "The strongest in one sentence."),
            ("conditions", "Of the strongest."),
            ("evidence", "Sentences, one for each of the strongest, at most five."),
            ("assumes", "Layers that were invisible and taken as absent."),
            ("guards", "Of the strongest."),
            ("count", "How many roles, resources or connections link the two."),
            ("definite_count", "How many of them surely."),
            ("possible_count", "How many of them surely or under conditions."),
            ("examples", "Ids of the strongest, at most five."),
        ),
    ),
    FactType(
        "LEADS_TO",
        ("resource", "AttackState"),
        ("resource", "AttackState"),
        "A walked step to or from a state of a node; the saved query blast follows it too.",
        (
            ("verdict", "Of the step that it stands for."),
            ("definite", "Whether the verdict is yes."),
            ("possible", "Whether the verdict is yes or conditional."),
            ("follows", "True."),
            ("lateral", "Whether a machine's network reach is used."),
            ("step", "The type of the step; in common: to what several states lead to."),
            ("why", "One sentence."),
        ),
    ),
    FactType(
        "STARTS_AT",
        ("AttackPath",),
        ("resource",),
        "The path starts there.",
        (("verdict", "Of the path."),),
    ),
    FactType(
        "PASSES",
        ("AttackPath",),
        ("resource",),
        "The path leads through it.",
        _OF_A_PATH,
    ),
    FactType(
        "ENDS_AT",
        ("AttackPath",),
        ("AWSAccount",),
        "The path ends there.",
        _OF_A_PATH,
    ),
    FactType(
        "OPEN_TO",
        ("resource",),
        ("VPC",),
        "A data service that asks nobody for a login lets in every address of the VPC.",
        (
            ("ports", "The port it listens on, e.g. tcp/6379."),
            ("verdict", "yes, or unknown where something was not collected."),
            ("definite", "Whether the verdict is yes."),
            ("possible", "Whether the verdict is yes or conditional."),
            ("why", "One sentence."),
            ("conditions", "What was not collected."),
            ("evidence", "Sentences, in the order of the proof."),
            ("assumes", "Layers that were invisible and taken as absent."),
            ("guards", "Controls in the way that do not change the verdict."),
        ),
    ),
)
"""Configuration relationships beside those that declarations of types draw."""

VERDICT_PROPERTIES = (
    ("verdict", "yes, conditional, dormant or unknown; what is no is no relationship."),
    ("definite", "Whether the verdict is yes."),
    ("possible", "Whether the verdict is yes or conditional."),
    ("why", "One sentence."),
    ("conditions", "kind:subject[=value]; what must hold, or what was not collected."),
    ("evidence", "Sentences, in the order of the proof."),
    ("assumes", "Layers that were invisible and taken as absent, e.g. scp:111122223333."),
    ("guards", "Controls in the way that do not change the verdict."),
    ("mechanism", "How, e.g. eni/ipv4, bucket-policy, sts:AssumeRole."),
)
"""What every walked relationship carries, beside ``key``."""

FOLLOWED_PROPERTIES = (
    (
        "follows",
        "Whether plain control of the start leads to plain control of the end, so that a closure "
        "may follow it; what is left leads by LEADS_TO.",
    ),
    ("lateral", "Whether a machine's network reach is used: what is had so is reached alone."),
)
"""What loading adds to every walked relationship, from all of them together."""

_PORTS = ("ports", "Strongest ports: tcp/443, tcp/8000-8100, udp/53, icmp, all.")
_TECHNIQUE = ("technique", "The catalogued technique that it is.")
_ACTIONS_OF_TECHNIQUE = ("actions", "The calls that it takes.")
_VIA = ("via", "Ids of what is used on the way: a function, an instance profile, a policy.")
_GIVEN = ("via", "Of an account: the principal that its admin gives the right.")

WALKED = (
    WalkedType(
        "CAN_REACH",
        "Source, NetworkGroup",
        "LoadBalancer and other front doors, NetworkTarget",
        "Packets get there.",
        (
            ("family", "ipv4 or ipv6."),
            _PORTS,
            ("other_ports", "Weaker ports, as tcp/8080=conditional."),
        ),
    ),
    WalkedType(
        "TARGETS",
        "front door, NetworkTarget, ResourceSet",
        "instance, function, other front door; the set's members",
        "What arrives at the start arrives at the end.",
        (
            _PORTS,
            ("other_ports", "Weaker ones, tcp/8080=conditional."),
            (
                "source",
                "From a front door: for whom it leads on, a source of access or the NetworkTarget "
                "or endpoint by which packets come from inside; absent: for everyone. From that "
                "NetworkTarget or endpoint: itself.",
            ),
            ("door_ports", "Ports of the first front door of the way that lead there, if told."),
            ("family", "From a front door: ipv4 or ipv6."),
            ("interface", "The network interface that it passes, if one is known."),
        ),
    ),
    WalkedType(
        "IN_GROUP",
        "workload, interface owner, principal, NetworkRange",
        "NetworkRange, NetworkGroup, PrincipalSet",
        "The start is a member.",
        (("interface", "The network interface by which a workload is in a range."),),
    ),
    WalkedType(
        "HAS_ROLE",
        "workload",
        "IAMRole",
        "Who controls the workload acts with the role.",
        (("reached", "Whether who reaches the workload reaches what acts with the role."),),
    ),
    WalkedType(
        "CAN_ASSUME",
        "Source, principal, PrincipalSet, AWSAccount",
        "IAMRole",
        "The start can get the role's credentials; an account's admin by giving the right to one "
        "of its principals.",
        (
            _TECHNIQUE,
            ("actions", "The actions that do it, e.g. sts:AssumeRole."),
            _GIVEN,
            ("session", "Source identity and tags that it needs, one of several values each."),
        ),
    ),
    WalkedType(
        "CAN_ESCALATE_TO",
        "principal, PrincipalSet, what holds an access key",
        "principal, AWSAccount, resource, ResourceSet",
        "By a technique the start gains the end. Where the mechanism is not-collected the end is "
        "what an account may have of a type that was not read, and technique names each that could "
        "be used on it, joined by +.",
        (
            _TECHNIQUE,
            _ACTIONS_OF_TECHNIQUE,
            _VIA,
            (
                "reached",
                "Of what holds a key: whether who reaches it reaches where the key stands.",
            ),
        ),
    ),
    WalkedType(
        "CAN_EXECUTE_ON",
        "principal",
        "workload",
        "The principal can run code on the workload.",
        (_TECHNIQUE, _ACTIONS_OF_TECHNIQUE, _VIA),
    ),
    WalkedType(
        "CAN_ACCESS",
        "Source, principal, PrincipalSet, AWSAccount",
        "resource, ResourceSet",
        "The start can use the resource's API; an account's admin by giving the right to one of "
        "its principals.",
        (
            _GIVEN,
            (
                "level",
                "read, write or admin: the strongest of the actions; who reads may be under write.",
            ),
            ("actions", "IAM actions that are granted."),
        ),
    ),
    WalkedType(
        "HAS_ADMIN",
        "principal",
        "AWSAccount",
        "The principal can take over the account.",
        (
            ("techniques", "The takeover sets that hold."),
            ("limits", "Roles and users that a Deny names and that stay out of reach."),
        ),
    ),
    WalkedType(
        "CONTROLS",
        "AWSAccount",
        "its principals, workloads, data resources",
        "Who is admin of the account has these.",
    ),
)
"""The relationships that attack paths walk."""

_PREFIXES = {
    found.id_form.split("<")[0]: found
    for found in (*SOURCES, *OTHER_LABELS)
    if found.source or found.label in ("DeletedPrincipal", "OutsideAddress")
}


def named_node(node_id: str) -> Node:
    """The node of a source (``internet``, ``cidr:203.0.113.0/24``, ``account:...``) by its id.

    ``account:`` gives an :class:`ExternalAccount`: a collected account's node comes from the
    inventory.

    Raises:
        ValueError: no source has such an id.
    """
    prefix, colon, rest = node_id.partition(":")
    declared = _PREFIXES.get(prefix + colon)
    if declared is None or (colon and not rest):
        raise ValueError(f"{node_id!r} is not the id of a source")
    account = rest if declared.label == "ExternalAccount" else None
    return Node(
        id=node_id,
        labels=(declared.label, "Source") if declared.source else (declared.label,),
        props={
            "name": declared.name.format(rest) if "{}" in declared.name else declared.name,
            "resource_type": RESOURCE_TYPES.get(declared.label, f"Mapper::{declared.label}"),
            "account_id": account,
            "region": "global" if declared.label in RESOURCE_TYPES else None,
            "resource_id": rest or node_id,
            "tags": [],
            "collected": False,
            "category": "account" if declared.label in RESOURCE_TYPES else "source",
        },
    )


RESOURCE_TYPES = {
    "ExternalAccount": "AWS::Organizations::Account",
    "Organization": "AWS::Organizations::Organization",
}
"""Sources that are also resources; all others have a ``Mapper::`` name."""
