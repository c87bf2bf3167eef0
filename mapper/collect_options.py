"""The options that say what to collect, and with whose rights: collect, scan and preflight."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mapper.errors import WrongUsageError
from mapper.options import Asked, F, split

if TYPE_CHECKING:
    from collector.request import CollectRequest

_WHOSE = (
    click.option(
        "--profile",
        "profiles",
        multiple=True,
        callback=split,
        metavar="NAME",
        help="Profile of the AWS configuration files; several for the account of each.",
    ),
    click.option(
        "--org",
        is_flag=True,
        help="Every active account of the organisation, by assuming a role in each.",
    ),
    click.option(
        "--role",
        "roles",
        multiple=True,
        callback=split,
        metavar="NAME",
        help="Role to assume in other accounts; tried before OrganizationAccountAccessRole and "
        "AWSControlTowerExecution.",
    ),
    click.option(
        "--role-arn",
        "role_arns",
        multiple=True,
        callback=split,
        metavar="ARN",
        help="Role to assume, each for its account; with --org the one through which the "
        "organisation is seen.",
    ),
    click.option("--external-id", metavar="ID", help="Sent when a role is assumed."),
    click.option(
        "--mfa-serial",
        metavar="ARN",
        help="MFA device of the user who assumes the first role; its code is asked for once.",
    ),
    click.option(
        "--mfa-code", metavar="CODE", help="The device's code, where nobody can be asked for it."
    ),
    click.option(
        "--account", multiple=True, callback=split, metavar="ID", help="Only these accounts."
    ),
)
_WHAT = (
    click.option(
        "--region",
        multiple=True,
        callback=split,
        metavar="REGION",
        help="Only these regions. Default: every region that an account has enabled.",
    ),
    click.option(
        "--services",
        multiple=True,
        callback=split,
        metavar="LIST",
        help="Only these services or types: ec2,iam or ec2:vpc.",
    ),
    click.option(
        "--skip",
        multiple=True,
        callback=split,
        metavar="LIST",
        help="Not these services or types.",
    ),
    click.option(
        "--depth",
        type=click.Choice(("core", "full")),
        default="full",
        show_default=True,
        help="core: identities, networks and the common services. full: also the rarer front doors "
        "and what an assessment reads.",
    ),
)
_HOW = (
    click.option("--fresh", is_flag=True, help="Do not continue an unfinished snapshot."),
    click.option(
        "--snapshots",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("snapshots"),
        show_default=True,
        help="Folder of the snapshots.",
    ),
    click.option(
        "--to",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="The snapshot's own folder, instead of a new one under --snapshots.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=16,
        show_default=True,
        help="Calls at the same time, in each process.",
    ),
    click.option(
        "--processes",
        type=click.IntRange(1, 64),
        help="Processes that share the accounts. Default: by the number of accounts and cores.",
    ),
)


def collect_options(*, how: bool = True) -> Callable[[F], F]:
    """Give a command the options; their values go to :func:`request_of`.

    Args:
        how: also those of writing a snapshot.
    """

    def decorate(function: F) -> F:
        for option in reversed((*_WHOSE, *_WHAT, *(_HOW if how else ()))):
            function = option(function)
        return function

    return decorate


def request_of(asked: Asked, names: Mapping[str, str], given: Mapping[str, Any]) -> CollectRequest:
    """What the options ask for.

    Args:
        asked: the shared options (``--account`` and ``--region`` stand there).
        names: account id to name, as ``mapper.toml`` has them.
        given: the values of :func:`collect_options`.
    """
    from collector.declare import Depth
    from collector.request import CollectRequest

    how = {
        name: given[name]
        for name in ("fresh", "snapshots", "workers", "processes")
        if name in given
    }
    return CollectRequest(
        profile=next(iter(given["profiles"]), None),
        profiles=given["profiles"] if len(given["profiles"]) > 1 else (),
        organisation=given["org"],
        role_names=given["roles"],
        role_arns=given["role_arns"],
        external_id=given["external_id"],
        mfa_serial=given["mfa_serial"],
        mfa_code=given["mfa_code"],
        ask_code=_asked_for if sys.stdin.isatty() else None,
        accounts=tuple(_account(text, names) for text in asked.account),
        regions=asked.region,
        services=given["services"],
        skip=given["skip"],
        depth=Depth(given["depth"]),
        path=given.get("to"),
        **how,
    )


def collect_command(request: CollectRequest) -> str:
    """``mapper collect`` with the options of a request, to be pasted into a shell."""
    profiles = request.profiles or ((request.profile,) if request.profile else ())
    words = ["mapper", "collect", *(["--org"] if request.organisation else [])]
    for option, values in (
        ("--profile", profiles),
        ("--role", request.role_names),
        ("--role-arn", request.role_arns),
        ("--external-id", filter(None, (request.external_id,))),
        ("--mfa-serial", filter(None, (request.mfa_serial,))),
        ("--account", request.accounts),
        ("--region", request.regions),
        ("--services", request.services),
        ("--skip", request.skip),
        ("--depth", () if request.depth == "full" else (str(request.depth),)),
    ):
        if given := ",".join(values):
            words += [option, given]
    return shlex.join(words)


def _asked_for(text: str) -> str:
    """Ask the user for a code, on the terminal and not into what is piped on."""
    return str(click.prompt(text, err=True))


def _account(text: str, names: Mapping[str, str]) -> str:
    """An account of ``mapper.toml`` by name; ids and the organisation's names go through.

    Raises:
        WrongUsageError: several accounts have the name.
    """
    found = sorted(account for account, name in names.items() if name == text)
    if len(found) > 1:
        raise WrongUsageError(
            f"mapper.toml names several accounts {text!r}: give the id ({', '.join(found)})."
        )
    return found[0] if found else text
