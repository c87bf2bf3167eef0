"""Small worlds for the engine's tests, written as AWS shapes them."""

from graph.iam.document import parse
from graph.iam.evaluate import evaluate
from graph.iam.request import Request, Side
from graph.iam.world import Account, IamWorld, Policy, Principal

A, B, C = "111111111111", "222222222222", "333333333333"
ORG = "o-abcdefghij"
NOW = "2026-11-22T00:00:00Z"
BUCKET = "arn:aws:s3:::data"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def doc(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def policy(*statements, name="policy", **kwargs):
    return Policy(name, parse(doc(*statements, **kwargs)))


def allow(action="*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="*", resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def grant(principal, action="*", resource="*", **more):
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        **more,
    }


def forbid(principal, action="*", resource="*", **more):
    return {**grant(principal, action, resource, **more), "Effect": "Deny"}


def trust(principal, action="sts:AssumeRole", **more):
    return Policy(
        "trust policy",
        parse(doc({"Effect": "Allow", "Principal": principal, "Action": action, **more})),
    )


def user(*statements, name="alice", account=A, **more):
    return Principal(
        arn=f"arn:aws:iam::{account}:user/{name}",
        account=account,
        kind="user",
        name=name,
        unique_id=f"AIDA{name.upper():0<17}"[:21],
        policies=(policy(*statements, name="inline policy own"),) if statements else (),
        **more,
    )


def role(*statements, name="app", account=A, path="/", **more):
    return Principal(
        arn=f"arn:aws:iam::{account}:role{path}{name}",
        account=account,
        kind="role",
        name=name,
        path=path,
        unique_id=f"AROA{name.upper():0<17}"[:21],
        policies=(policy(*statements, name="inline policy own"),) if statements else (),
        **more,
    )


def root(account=A):
    return Principal(f"arn:aws:iam::{account}:root", account, "root", name="root")


def alone(account):
    return Account(account, membership="none", scp_levels=(), rcps=())


def member(account, *levels, rcps=(), **more):
    return Account(
        account,
        membership="member",
        organization=ORG,
        org_path=f"{ORG}/r-ab12/ou-ab12-11111111/",
        scp_levels=levels or ((policy(FULL, name="FullAWSAccess"),),),
        rcps=rcps,
        **more,
    )


def world(*principals, accounts=None, **more):
    found = {one.arn: one for one in principals}
    if accounts is None:
        accounts = [alone(account) for account in (A, B)]
    more.setdefault("now", NOW)
    return IamWorld(found, {one.id: one for one in accounts}, **more)


def ask(principal, action="s3:GetObject", resource=f"{BUCKET}/x", *, owner=A, within=None, **more):
    """The answer for one request; no resource policy unless one is given."""
    more.setdefault("resource_policy", None)
    more.setdefault("other_grants_seen", True)
    if isinstance(more["resource_policy"], dict):
        more["resource_policy"] = policy(more["resource_policy"], name="resource policy")
    here = within if within is not None else world(principal)
    return evaluate(here, Request(principal, action, resource, resource_account=owner, **more))


def verdict(*args, **kwargs):
    return str(ask(*args, **kwargs).verdict)


LOOK_UP, NOT_COLLECTED = Side.LOOK_UP, Side.NOT_COLLECTED
