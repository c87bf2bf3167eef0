"""Network ACLs' and security groups' JSON as facts.

What cannot be read is in doubt: it stays in its place, matches what it may match at most, and
decides nothing. So a lock that cannot be read neither opens nor closes more than AWS told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graph.evidence import Ref
from graph.network import ports
from graph.network.ec2_shapes import At, Ids, Json, integer, readable, rows, text
from graph.network.facts import UNNAMED_GROUP, Acl, AclEntry, Rule, SecurityGroup
from graph.network.spans import Spans

_FIRST, _BOTH_WAYS = 0, (False, True)
_SOURCES = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId"),
)


def acl(node: str, item: Json, ids: Ids, at: At) -> Acl:
    """``describe_network_acls``."""
    listed = rows(item.get("Associations"))
    return Acl(
        id=node,
        vpc=ids(text(item.get("VpcId"))),
        entries=tuple(_entries(item.get("Entries"), at)),
        subnets=tuple(ids(short) for one in listed if (short := text(one.get("SubnetId")))),
        default=item.get("IsDefault") is True,
        refs=(at("/item"),),
    )


def _entries(told: Any, at: At) -> Iterator[AclEntry]:
    if not isinstance(told, list):
        yield from _unread(at("/item/Entries"))
        return
    for number, one in enumerate(told):
        ref = at(f"/item/Entries/{number}")
        yield from _entry(one, ref) if isinstance(one, Mapping) else _unread(ref)


def _unread(ref: Ref) -> Iterator[AclEntry]:
    """What may be any entry of either direction."""
    for egress in _BOTH_WAYS:
        yield AclEntry(_FIRST, egress, allow=False, ports=None, cidr=None, refs=(ref,), sure=False)


def _entry(item: Json, ref: Ref) -> Iterator[AclEntry]:
    """One member of ``Entries``; one without a number may come first."""
    number, egress, action = (item.get(name) for name in ("RuleNumber", "Egress", "RuleAction"))
    opened, told = _acl_ports(item)
    both = not isinstance(egress, bool)
    sure = told and integer(number) is not None and not both and action in ("allow", "deny")
    for way in _BOTH_WAYS if both else (egress is True,):
        yield AclEntry(
            number=integer(number) or _FIRST,
            egress=way,
            allow=sure and action == "allow",
            ports=opened,
            cidr=readable(item.get("CidrBlock") or item.get("Ipv6CidrBlock")),
            refs=(ref,),
            sure=sure,
        )


def _acl_ports(item: Json) -> tuple[Spans | None, bool]:
    """What an entry matches at most, and whether it surely matches all of that.

    Ports count for TCP and UDP, type and code for ICMP, nothing for the rest (EC2 API reference,
    NetworkAclEntry). ``None``: not even the protocol can be read.
    """
    try:
        number = ports.number_of(item.get("Protocol", ""))
    except ValueError:
        return None, False
    if number is None:
        return ports.ALL, True
    try:
        return _ports_of(number, item), True
    except ValueError:
        return ports.of_protocol(number), False


def _ports_of(number: int, item: Json) -> Spans:
    if number in (ports.ICMP, ports.ICMPV6):
        kind, code = _pair(item.get("IcmpTypeCode"), "Type", "Code")
        return ports.icmp(number, kind, code)
    if number not in (ports.TCP, ports.UDP):
        return ports.of_protocol(number)
    return ports.span(number, *_pair(item.get("PortRange"), "From", "To"))


def _pair(told: Any, first: str, last: str) -> tuple[int, int]:
    """Two numbers of an object.

    Raises:
        ValueError: one of them is not there.
    """
    found = (integer(told.get(first)), integer(told.get(last))) if isinstance(told, Mapping) else ()
    if not found or found[0] is None or found[1] is None:
        raise ValueError(f"{first} and {last} cannot be read")
    return found[0], found[1]


def rules(permissions: Any, ids: Ids, at: At, pointer: str) -> tuple[Rule, ...]:
    """``IpPermissions``: one rule for each source; one without any could not be read."""
    if not isinstance(permissions, list):
        return (Rule(None, refs=(at(pointer),)),)
    found: list[Rule] = []
    for number, one in enumerate(permissions):
        where = f"{pointer}/{number}"
        if isinstance(one, Mapping):
            found += _permission(one, ids, at, where)
        else:
            found.append(Rule(None, refs=(at(where),)))
    return tuple(found)


def _permission(item: Json, ids: Ids, at: At, where: str) -> list[Rule]:
    opened = _rule_ports(item)
    found: list[Rule] = []
    for member, key in _SOURCES:
        told = [] if item.get(member) is None else item[member]
        if not isinstance(told, list):
            found.append(Rule(opened, refs=(at(f"{where}/{member}"),)))
            continue
        for place, source in enumerate(told):
            value = source.get(key) if isinstance(source, Mapping) else None
            found.append(_rule(opened, member, value, ids, at(f"{where}/{member}/{place}")))
    # Every permission has a source (EC2 API reference, IpPermission).
    return found or [Rule(opened, refs=(at(where),))]


def _rule(opened: Spans | None, member: str, value: Any, ids: Ids, ref: Ref) -> Rule:
    if member == "PrefixListIds":
        return Rule(opened, prefix_list=ids(text(value)), refs=(ref,))
    if member == "UserIdGroupPairs":
        return Rule(opened, group=ids(text(value)) or UNNAMED_GROUP, refs=(ref,))
    return Rule(opened, cidr=readable(value) or "", refs=(ref,))


def _rule_ports(item: Json) -> Spans | None:
    """``FromPort`` and ``ToPort`` are both there or neither; ``None``: they cannot be read."""
    told = [item.get(member) for member in ("FromPort", "ToPort")]
    first, last = (integer(value) for value in told)
    try:
        number = ports.number_of(item.get("IpProtocol", ""))
        has_ports = number in (ports.TCP, ports.UDP, ports.ICMP, ports.ICMPV6)
        if has_ports and (first is None or last is None) and told != [None, None]:
            return None
        return ports.of_rule(item.get("IpProtocol", ""), first, last)
    except ValueError:
        return None


def security_group(
    node: str, account: str, region: str, item: Json, ids: Ids, at: At
) -> SecurityGroup:
    """``describe_security_groups``."""
    egress = item.get("IpPermissionsEgress")
    return SecurityGroup(
        id=node,
        account_id=account,
        region=region,
        vpc=ids(text(item.get("VpcId"))),
        rules=rules(item.get("IpPermissions"), ids, at, "/item/IpPermissions"),
        egress=None if egress is None else rules(egress, ids, at, "/item/IpPermissionsEgress"),
        refs=(at("/item"),),
    )
