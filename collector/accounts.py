"""Who is asking, which accounts there are, and how each is entered."""

from __future__ import annotations

import datetime as dt
import difflib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import botocore.credentials
import botocore.session
from botocore import exceptions

from collector.declare import Call, ListCall, Paginator
from collector.live import LiveTransport
from collector.outcome import CallError, Outcome, outcome_of
from collector.request import DEFAULT_ROLES, CollectError, CollectRequest, LeftOut
from collector.runner import Ask
from collector.session import Clients, acting_as
from collector.snapshot.ledger import Status

SESSION_NAME = "mapper"
# Chained roles last an hour at most; this is also what every role allows.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
SESSION_SECONDS = 3600
FIRST_REGION = "us-east-1"

_IDENTITY = Call(operation="get_caller_identity")
_ACCOUNTS = ListCall(operation="list_accounts", result="Accounts", paging=Paginator(20))


@dataclass(frozen=True)
class Caller:
    """Whose credentials were given.

    Attributes:
        account_id: twelve digits.
        arn: as AWS says it.
        credentials: botocore's object; renews itself where its source can.
        home: the region that global questions go to.
    """

    account_id: str
    arn: str
    credentials: Any
    home: str

    @property
    def partition(self) -> str:
        """The partition that the ARN names."""
        return self.arn.split(":")[1]

    @property
    def who(self) -> str:
        """The ARN without a session's name: the same in every run."""
        head, slash, rest = self.arn.partition(":assumed-role/")
        return head + slash + rest.split("/")[0] if slash else self.arn


@dataclass(frozen=True)
class Target:
    """An account to collect, with the credentials for it."""

    account_id: str
    name: str
    partition: str
    credentials: Any
    role: str = ""


def find_caller(
    clients: Clients, transport_for: Any, profile: str | None, regions: Iterable[str]
) -> tuple[Caller, LiveTransport]:
    """Resolve the credentials and ask AWS whose they are.

    Args:
        clients: the collector's clients.
        transport_for: makes the transport from a mapping of credentials by account.
        profile: of the AWS configuration files.
        regions: what was asked for; its first is home where the configuration names none.

    Raises:
        CollectError: there are no credentials, AWS refuses them, or cannot be reached.
    """
    credentials, home = _given(profile)
    home = home or next(iter(regions), "") or FIRST_REGION
    held: dict[str, Any] = {"": credentials}
    transport: LiveTransport = transport_for(held)
    transport.remembering = True
    try:
        (answer,) = transport.pages(Ask("", home, "global", "sts", _IDENTITY, {}))
    except CallError as problem:
        raise CollectError(_refusal(clients, home, problem.outcome)) from problem
    caller = Caller(str(answer["Account"]), str(answer["Arn"]), credentials, home)
    held[caller.account_id] = credentials
    transport.rename("", caller.account_id)
    return caller, transport


def _given(profile: str | None) -> tuple[Any, str]:
    remedy = (
        "Log in (aws sso login, aws configure), set AWS_PROFILE, or pass --profile with one that "
        "works."
    )
    try:
        session = botocore.session.Session(profile=profile)
        credentials = session.get_credentials()
        region = session.get_config_variable("region") or os.environ.get("AWS_REGION", "")
    except exceptions.ProfileNotFound:
        names = ", ".join(sorted(botocore.session.Session().available_profiles)) or "none"
        raise CollectError(
            f"There is no AWS profile named {profile!r} (there are: {names}).", exit_code=2
        ) from None
    except exceptions.BotoCoreError as problem:
        raise CollectError(f"The AWS configuration cannot be used: {problem} {remedy}") from None
    if credentials is None:
        raise CollectError(f"No AWS credentials were found. {remedy}")
    return credentials, str(region)


def _refusal(clients: Clients, home: str, outcome: Outcome) -> str:
    if outcome.status is Status.EXPIRED:
        return f"The AWS credentials have expired ({outcome.code}). Renew them (aws sso login)."
    known = clients.known_regions("sts")
    if outcome.status in (Status.UNREACHABLE, Status.NOT_SUPPORTED) or "Region" in outcome.code:
        if home not in known:
            return no_such_region(home, known) + " Set AWS_DEFAULT_REGION to one that exists."
        return (
            f"AWS cannot be reached: {outcome.message} "
            "Check the network, the proxy and AWS_ENDPOINT_URL."
        )
    if outcome.code in (
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ):
        return (
            f"AWS does not accept these credentials ({outcome.words}). Check them; for China or "
            "GovCloud set AWS_DEFAULT_REGION to one of their regions."
        )
    return f"AWS does not say whose these credentials are ({outcome.words})."


def no_such_region(name: str, known: Iterable[str]) -> str:
    """One sentence that names the nearest regions that exist."""
    near = difflib.get_close_matches(name, sorted(known), 3, 0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"There is no AWS region named {name!r}.{hint}"


def find_targets(
    clients: Clients, transport: LiveTransport, caller: Caller, request: CollectRequest
) -> tuple[list[Target], list[LeftOut]]:
    """The accounts to collect and those that give nothing, by id.

    Raises:
        CollectError: the organisation cannot be listed, or a name in ``accounts`` is unknown.
    """
    own = Target(caller.account_id, "", caller.partition, caller.credentials)
    if not request.organisation:
        wanted = list(dict.fromkeys(request.accounts)) or [caller.account_id]
        listed: list[Mapping[str, Any]] = [
            {"Id": account, "Status": "ACTIVE"} for account in wanted
        ]
    else:
        listed = _members(transport, caller, request.accounts)
    targets = []
    left_out = []
    to_enter = []
    for row in listed:
        account_id, name = str(row["Id"]), str(row.get("Name", ""))
        state = str(row.get("State") or row.get("Status") or "ACTIVE")
        if account_id == caller.account_id:
            targets.append(Target(account_id, name, own.partition, own.credentials))
        elif state != "ACTIVE":
            left_out.append(LeftOut(account_id, name, f"the account is {state}", asked=False))
        else:
            to_enter.append((account_id, name))
    roles = (*request.role_names, *(r for r in DEFAULT_ROLES if r not in request.role_names))

    def entered(account: tuple[str, str]) -> Target | LeftOut:
        return _enter(clients, caller, *account, roles, request.external_id)

    with ThreadPoolExecutor(8) as pool:
        for result in pool.map(entered, to_enter):
            if isinstance(result, Target):
                targets.append(result)
            else:
                left_out.append(result)
    targets.sort(key=lambda target: target.account_id)
    return targets, sorted(left_out, key=lambda account: account.account_id)


def _members(
    transport: LiveTransport, caller: Caller, wanted: Iterable[str]
) -> list[Mapping[str, Any]]:
    remedy = (
        "Use credentials of the management account or of a delegated administrator, or leave out "
        "--organisation."
    )
    ask = Ask(caller.account_id, caller.home, "global", "organizations", _ACCOUNTS, {})
    try:
        rows = [row for page in transport.pages(ask) for row in page.get("Accounts", ())]
    except CallError as problem:
        raise CollectError(
            f"The organisation's accounts cannot be listed ({problem.outcome.words}). {remedy}"
        ) from problem
    if not rows:
        raise CollectError(f"The organisation lists no account to {caller.arn}. {remedy}")
    by_name: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        by_name.setdefault(str(row.get("Name", "")), row)
        by_name[str(row["Id"])] = row
    chosen = []
    for name in dict.fromkeys(wanted):
        if name not in by_name:
            near = difflib.get_close_matches(name, sorted(by_name), 3, 0.5)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise CollectError(f"The organisation has no account {name!r}.{hint}", exit_code=2)
        chosen.append(by_name[name])
    return chosen or rows


def _enter(
    clients: Clients,
    caller: Caller,
    account_id: str,
    name: str,
    roles: tuple[str, ...],
    external_id: str | None,
) -> Target | LeftOut:
    """Assume the first role that lets us in."""
    refusals = []
    for role in roles:
        arn = f"arn:{caller.partition}:iam::{account_id}:role/{role}"
        try:
            session = _assumed(clients, caller, arn, external_id)
        except Exception as problem:  # whatever the answer was, the next role is tried
            refusals.append(f"{role}: {outcome_of(problem).words}")
            continue
        credentials = botocore.credentials.RefreshableCredentials.create_from_metadata(
            metadata=session,
            refresh_using=lambda arn=arn: _assumed(clients, caller, arn, external_id),
            method="assume-role",
        )
        return Target(account_id, name, caller.partition, credentials, role)
    return LeftOut(account_id, name, "no role could be assumed: " + "; ".join(refusals), asked=True)


def _assumed(clients: Clients, caller: Caller, arn: str, external_id: str | None) -> dict[str, str]:
    extra = {"ExternalId": external_id} if external_id else {}
    with acting_as(caller.credentials):
        answer = clients.get("sts", caller.home).assume_role(
            RoleArn=arn,
            RoleSessionName=SESSION_NAME,
            DurationSeconds=SESSION_SECONDS,
            **extra,
        )
    given = answer["Credentials"]
    expiry = given["Expiration"]
    return {
        "access_key": given["AccessKeyId"],
        "secret_key": given["SecretAccessKey"],
        "token": given["SessionToken"],
        "expiry_time": expiry.isoformat() if isinstance(expiry, dt.datetime) else str(expiry),
    }
