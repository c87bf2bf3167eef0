"""RDS, Aurora, Neptune and DocumentDB instances and the internet.

A database has a public address when it is publicly accessible ("Working with a DB instance in a
VPC", RDS user guide); its interface is not needed. It stands in one subnet of its group, and a
failover may move it to another.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Step
from graph.network import ports
from graph.network.facts import DbInstance
from graph.network.internet import inspection_step
from graph.network.path import internet_path, steps_in
from graph.network.pieces import weaker
from graph.network.prefixes import Family
from graph.network.reach import Reach, Subject, grants, merge, open_ports_text, reaches
from graph.network.spans import Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

# Statuses in which a database does not answer (RDS user guide, "Viewing Amazon RDS DB instance
# status"); in every other one it does, at least most of the time.
_ASLEEP = frozenset(
    {
        "creating",
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-network",
        "incompatible-restore",
        "insufficient-capacity",
        "restore-error",
        "starting",
        "stopped",
        "stopping",
    }
)

_OTHER_SUBNET = condition("context", "db-subnet")
_IPV6 = condition("context", "db-public-ipv6")


def internet_to_database(world: NetworkWorld, database: DbInstance) -> list[Reach]:
    """Judge the internet's reach to a database instance, IPv6 where it is dual-stack."""
    families = (Family.IPV4, Family.IPV6) if database.dual_stack else (Family.IPV4,)
    return merge(one for family in families for one in _judge(world, database, family))


def _judge(world: NetworkWorld, database: DbInstance, family: Family) -> list[Reach]:
    address = _address_step(database)
    state, bound = _state(database)
    told = database.port
    opened = ports.tcp(told) if told is not None and 0 < told < 65536 else ports.ALL
    subject = Subject(database.id, family, f"rds/{family}")
    if database.subnets is None or database.groups is None:
        gap = f"rds.describe_db_instances({database.id})"
        step = Step("subnet", database.id, "unknown", f"Not collected: subnets of {gap}.")
        return reaches(subject, [], (address, step, state))
    place = _Placing(world, database, subject, (address, state), bound, opened)
    here = [one for one in database.subnets if _may_stand_in(world, database, one)]
    now = {one: place.judge(one, sure=True) for one in here}
    closed = [one for one in here if _nothing(now[one])]
    if not closed:
        return [reach for found in now.values() for reach in found]
    if len(closed) < len(here):
        return [r for one in here if one not in closed for r in place.judge(one, sure=False)]
    others = [one for one in database.subnets if one not in here]
    moved = [reach for one in others for reach in place.judge(one, sure=False)]
    return [*(reach for found in now.values() for reach in found), *moved]


def _nothing(found: list[Reach]) -> bool:
    return all(one.verdict is Verdict.NO for one in found)


@dataclass(frozen=True, slots=True)
class _Placing:
    """One database tried in the subnets of its group."""

    world: NetworkWorld
    database: DbInstance
    subject: Subject
    own: tuple[Step, Step]
    bound: Verdict
    opened: Spans

    def judge(self, subnet_id: str, *, sure: bool) -> list[Reach]:
        """The reach if the database stood in this subnet; conditional where it may not."""
        database, family = self.database, self.subject.family
        path = internet_path(
            self.world,
            subnet_id,
            database.groups,
            database.account_id,
            database.region,
            family,
            self.opened,
        )
        bound, terms = self.bound, set[str]()
        if database.public is None:
            bound = weaker(bound, Verdict.UNKNOWN)
            terms.add(f"not_collected:PubliclyAccessible of {database.id}")
        login, asked = _login(database)
        if asked:
            bound = weaker(bound, Verdict.CONDITIONAL)
            terms.add(asked)
        if not sure:
            bound = weaker(bound, Verdict.CONDITIONAL)
            terms.add(_OTHER_SUBNET)
        if family is Family.IPV6 and database.engine != "neptune":
            # Neptune's guide says that a public dual-stack cluster has public IPv6 endpoints;
            # RDS's was not found to say so.
            bound = weaker(bound, Verdict.CONDITIONAL)
            terms.add(_IPV6)
        found = grants(path, family)
        reached = union(spans for grant in found for spans in grant.ports.values())
        address, state = self.own
        steps = (
            address,
            *steps_in(self.world, path, subnet_id),
            state,
            *login,
            inspection_step(path, found),
            open_ports_text(database.id, reached),
        )
        return reaches(self.subject, found, steps, bound, frozenset(terms))


def _may_stand_in(world: NetworkWorld, database: DbInstance, subnet_id: str) -> bool:
    """Whether the instance is in this subnet now: the only one of the group in its zone.

    Where the zone holds several subnets of the group, or none, any may be the one.
    """
    zones = {s: world.subnets[s].zone for s in database.subnets or () if s in world.subnets}
    mine = [s for s, zone in zones.items() if zone == database.zone]
    if not database.zone or not mine:
        return True
    return subnet_id in mine or subnet_id not in zones


def _address_step(database: DbInstance) -> Step:
    name, subject, refs = "address", database.id, database.refs
    if database.engine == "docdb":
        return Step(name, subject, "fail", "DocumentDB never has a public address.", refs)
    if database.public is None:
        text = f"Not collected: PubliclyAccessible of {subject}."
        return Step(name, subject, "unknown", text, refs)
    if not database.public:
        return Step(name, subject, "fail", "PubliclyAccessible is false.", refs)
    return Step(name, subject, "pass", "PubliclyAccessible is true.", refs)


def _login(database: DbInstance) -> tuple[tuple[Step, ...], str]:
    """The signature that Neptune asks of every request with IAM database authentication.

    Public endpoints require it: https://docs.aws.amazon.com/neptune/latest/userguide/neptune-public-endpoints.html
    """
    name, subject, refs = "authentication", database.id, database.refs
    if database.engine != "neptune":
        return (), ""
    if database.iam_only is None:
        gap = f"IAMDatabaseAuthenticationEnabled of {subject}"
        step = Step(name, subject, "conditional", f"Not collected: {gap}.", refs)
        return (step,), condition("not_collected", gap)
    if not database.iam_only:
        return (Step(name, subject, "pass", "IAM database authentication is off.", refs),), ""
    text = "IAM database authentication is on: every request must be signed."
    return (Step(name, subject, "conditional", text, refs),), condition("authn", "sigv4")


def _state(database: DbInstance) -> tuple[Step, Verdict]:
    text = f"The database is {database.status}."
    if database.status in _ASLEEP:
        step = Step("state", database.id, "conditional", text, database.refs, "BAD_STATE")
        return step, Verdict.DORMANT
    return Step("state", database.id, "pass", text, database.refs), Verdict.YES
