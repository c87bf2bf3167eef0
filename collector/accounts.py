"""Who is asking, which accounts there are, and how each is entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from collector.asking import Ask
from collector.credentials import (
    CodePrompt,
    RenewableCredentials,
    Watched,
    account_in_configuration,
    from_chain,
)
from collector.declare import Call
from collector.entering import Door, NotLetInError, RoleArn, is_account_id
from collector.live import LiveTransport
from collector.organisation import management_named, members
from collector.outcome import CallError
from collector.refusals import check_clock, words_of_refusal
from collector.request import DEFAULT_ROLES, CollectError, CollectRequest, LeftOut
from collector.session import Clients, acting_as
from collector.snapshot.ledger import Status

_IDENTITY = Call(operation="get_caller_identity")
_AT_A_TIME = 8
_RUNS = frozenset({"ACTIVE", "PENDING_CLOSURE"})
"""States of an account in which its workloads run: one that is being closed keeps them until it is
suspended.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
"""


@dataclass(frozen=True)
class Caller:
    """Whose credentials were given.

    Attributes:
        account_id: twelve digits.
        arn: as AWS says it.
        credentials: renew themselves where their source can.
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
    """An account to collect, with the credentials for it.

    Attributes:
        account_id: twelve digits.
        name: as the organisation, or the profile, calls it; may be empty.
        partition: ``aws``, ``aws-cn``, ...
        credentials: renew themselves where their source can.
        role: the role that was assumed, with its path; empty for credentials of its own.
        home: the region that its global questions go to; empty for the caller's.
        profile: the profile that the credentials are from, if several were given.
    """

    account_id: str
    name: str
    partition: str
    credentials: Any
    role: str = ""
    home: str = ""
    profile: str = ""


TransportFor = Callable[[dict[str, Any]], LiveTransport]


def find_caller(
    clients: Clients,
    transport_for: TransportFor,
    profile: str | None,
    regions: Iterable[str],
    prompt: CodePrompt | None = None,
) -> tuple[Caller, LiveTransport]:
    """Resolve the credentials and ask AWS whose they are.

    Args:
        clients: the collector's clients.
        transport_for: makes the transport from a mapping of credentials by account.
        profile: of the AWS configuration files.
        regions: what was asked for; its first is home where the configuration names none.
        prompt: asks for MFA codes.

    Raises:
        CollectError: there are no credentials, AWS refuses them, or cannot be reached.
    """
    check_clock(dt.datetime.now(dt.UTC))
    transport = transport_for({})
    transport.remembering = True
    caller = _caller_of(clients, transport, profile, regions, prompt)
    clients.at_home(caller.home, caller.credentials)
    return caller, transport


def _caller_of(
    clients: Clients,
    transport: LiveTransport,
    profile: str | None,
    regions: Iterable[str],
    prompt: CodePrompt | None,
) -> Caller:
    credentials, home = from_chain(profile, prompt)
    home = home or next(iter(regions), "") or clients.first_region("aws")
    watched = Watched(credentials)
    caller = _whose(clients, transport, watched, home)

    def confirm(keys: Any) -> None:
        with acting_as(keys):
            answer = clients.get("sts", home).get_caller_identity()
        other = replace(caller, account_id=str(answer["Account"]), arn=str(answer["Arn"]))
        if (other.account_id, other.who) != (caller.account_id, caller.who):
            raise CollectError(f"the credentials are now those of {other.who}")

    renewing = RenewableCredentials(
        credentials, lambda: from_chain(profile, prompt)[0], confirm, watched.access_key
    )
    renewable = replace(caller, credentials=renewing)
    transport.add_account(caller.account_id, renewable.credentials)
    return renewable


def _whose(clients: Clients, transport: LiveTransport, credentials: Any, home: str) -> Caller:
    """Ask AWS whose credentials these are.

    Raises:
        CollectError: AWS refuses them, or cannot be reached.
    """
    transport.add_account("", credentials)
    try:
        (answer,) = transport.pages(Ask("", home, "global", "sts", _IDENTITY, {}))
    except CallError as problem:
        raise CollectError(words_of_refusal(clients, home, problem.outcome)) from problem
    account_id, arn = str(answer.get("Account", "")), str(answer.get("Arn", ""))
    if not (is_account_id(account_id) and arn.startswith("arn:")):
        raise CollectError(
            f"AWS does not say whose these credentials are (account {account_id!r}, {arn!r}). "
            "Check AWS_ENDPOINT_URL and the proxy."
        )
    transport.rename("", account_id)
    return Caller(account_id, arn, credentials, home)


def enter_first(
    clients: Clients,
    transport: LiveTransport,
    caller: Caller,
    request: CollectRequest,
    prompt: CodePrompt,
) -> Caller:
    """The caller that looks at the organisation: with a role's ARN, that role's session.

    Raises:
        CollectError: the role cannot be assumed.
    """
    if not (request.organisation and request.role_arns):
        return caller
    role = _same_partition(RoleArn.of(request.role_arns[0]), caller)
    door = _door(clients, caller, request, prompt)
    try:
        _, credentials = door.enter([role.text])
    except NotLetInError as problem:
        raise CollectError(f"{role.text} cannot be assumed ({problem}).") from None
    found = _whose(clients, transport, credentials, caller.home)
    transport.add_account(found.account_id, credentials)
    return found


def _door(clients: Clients, caller: Caller, request: CollectRequest, prompt: CodePrompt) -> Door:
    return Door(
        clients, caller.credentials, caller.home, request.external_id, request.mfa_serial, prompt
    )


def _same_partition(role: RoleArn, caller: Caller) -> RoleArn:
    if role.partition != caller.partition:
        raise CollectError(
            f"{role.text} is in partition {role.partition}, the credentials in "
            f"{caller.partition}: no role leads from one into the other. Use a profile of its own.",
            exit_code=2,
        )
    return role


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An account to enter: by these roles (ARNs), in order."""

    account_id: str
    name: str
    roles: tuple[str, ...]


def find_targets(
    clients: Clients,
    transport: LiveTransport,
    caller: Caller,
    request: CollectRequest,
    prompt: CodePrompt | None = None,
    notes: list[str] | None = None,
) -> tuple[list[Target], list[LeftOut]]:
    """The accounts to collect and those that give nothing, by id.

    Args:
        clients, transport, caller, request: as found.
        prompt: asks for MFA codes.
        notes: takes sentences for the user.

    Raises:
        CollectError: the organisation cannot be listed, or a name in ``accounts`` is unknown.
    """
    request.check()
    prompt = prompt or CodePrompt(request.mfa_code, request.ask_code)
    notes = [] if notes is None else notes
    if len(request.profiles) > 1:
        return _of_profiles(clients, transport, caller, request, prompt, notes)
    targets, left_out, wanted = _chosen(transport, caller, request, notes)
    door = _door(clients, caller, request, prompt)
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for result in pool.map(lambda account: _entered(door, caller, account), wanted):
            if isinstance(result, Target):
                targets.append(result)
            else:
                left_out.append(result)
    if request.organisation:
        left_out = management_named(transport, caller.account_id, caller.home, left_out)
    targets.sort(key=lambda target: target.account_id)
    return targets, sorted(left_out, key=lambda account: account.account_id)


def _chosen(
    transport: LiveTransport, caller: Caller, request: CollectRequest, notes: list[str]
) -> tuple[list[Target], list[LeftOut], list[_Wanted]]:
    own = Target(caller.account_id, "", caller.partition, caller.credentials)
    if request.organisation:
        return _of_organisation(transport, caller, request)
    if request.role_arns:
        return _of_roles(caller, request, notes)
    targets = []
    wanted = []
    for account_id in dict.fromkeys(request.accounts) or [caller.account_id]:
        if account_id == caller.account_id:
            targets.append(own)
            continue
        if not is_account_id(account_id):
            raise CollectError(
                f"{account_id!r} is no account id (twelve digits). Names are those of mapper.toml, "
                "and with --org those of the organisation.",
                exit_code=2,
            )
        wanted.append(_Wanted(account_id, "", _roles(caller, account_id, request)))
    return targets, [], wanted


def _of_organisation(
    transport: LiveTransport, caller: Caller, request: CollectRequest
) -> tuple[list[Target], list[LeftOut], list[_Wanted]]:
    targets = []
    left_out = []
    wanted = []
    for row in members(transport, caller.account_id, caller.home, caller.arn, request.accounts):
        account_id, name = str(row.get("Id", "")), str(row.get("Name", ""))
        state = str(row.get("State") or row.get("Status") or "ACTIVE")
        if not is_account_id(account_id):
            reason = f"the organisation lists it as {account_id!r}, which is no account id"
            left_out.append(LeftOut("", name, reason, True, "list_accounts", Status.ERROR))
        elif account_id == caller.account_id:
            targets.append(Target(account_id, name, caller.partition, caller.credentials))
        elif state not in _RUNS:
            # Nobody can enter it; it was asked for only if it was named.
            left_out.append(
                LeftOut(account_id, name, f"the account is {state}", asked=bool(request.accounts))
            )
        else:
            wanted.append(_Wanted(account_id, name, _roles(caller, account_id, request)))
    return targets, left_out, wanted


def _of_roles(
    caller: Caller, request: CollectRequest, notes: list[str]
) -> tuple[list[Target], list[LeftOut], list[_Wanted]]:
    by_account: dict[str, list[str]] = {}
    for text in dict.fromkeys(request.role_arns):
        role = _same_partition(RoleArn.of(text), caller)
        by_account.setdefault(role.account_id, []).append(text)
    for account_id, roles in by_account.items():
        if len(roles) > 1:
            notes.append(
                f"{len(roles)} roles are given for account {account_id}: they are tried in order, "
                "and it is collected once"
            )
    return [], [], [_Wanted(account, "", tuple(roles)) for account, roles in by_account.items()]


def _roles(caller: Caller, account_id: str, request: CollectRequest) -> tuple[str, ...]:
    names = dict.fromkeys((*request.role_names, *DEFAULT_ROLES))
    return tuple(f"arn:{caller.partition}:iam::{account_id}:role/{name}" for name in names)


def _entered(door: Door, caller: Caller, account: _Wanted) -> Target | LeftOut:
    if account.roles == (caller.who.replace(":sts:", ":iam:").replace("assumed-role", "role"),):
        return Target(account.account_id, account.name, caller.partition, caller.credentials)
    try:
        arn, credentials = door.enter(account.roles)
    except NotLetInError as problem:
        reason = f"no role could be assumed: {problem}"
        return LeftOut(account.account_id, account.name, reason, asked=True, status=problem.status)
    role = arn.partition(":role/")[2]
    return Target(account.account_id, account.name, caller.partition, credentials, role)


def _of_profiles(
    clients: Clients,
    transport: LiveTransport,
    caller: Caller,
    request: CollectRequest,
    prompt: CodePrompt,
    notes: list[str],
) -> tuple[list[Target], list[LeftOut]]:
    """One account for each profile; the caller is the first profile's."""
    targets: dict[str, Target] = {}
    left_out = []
    for profile in dict.fromkeys(request.profiles):
        if profile == request.profiles[0]:
            found = caller
        else:
            try:
                found = _caller_of(clients, transport, profile, request.regions, prompt)
            except CollectError as problem:
                if problem.exit_code == 2:
                    raise
                account_id = account_in_configuration(profile)
                left_out.append(
                    LeftOut(
                        account_id,
                        f"profile {profile}",
                        str(problem),
                        asked=True,
                        operation="get_caller_identity",
                        status=Status.ERROR,
                    )
                )
                continue
        before = targets.get(found.account_id)
        if before is not None:
            notes.append(
                f"Profiles {before.profile} and {profile} are both of account {found.account_id}: "
                f"it is collected once, as {before.profile}"
            )
            continue
        targets[found.account_id] = Target(
            found.account_id,
            profile,
            found.partition,
            found.credentials,
            home=found.home,
            profile=profile,
        )
    left_out = [account for account in left_out if account.account_id not in targets]
    return sorted(targets.values(), key=lambda target: target.account_id), left_out
