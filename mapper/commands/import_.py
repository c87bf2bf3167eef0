"""``mapper import``."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mapper.options import Asked, asks
from mapper.output.words import counted
from mapper.snapshots import FOLDER

if TYPE_CHECKING:
    from collector.request import CollectResult
    from collector.snapshot import Snapshot

_NAMED = 5
_ACCOUNT_DIGITS = 12
_IAM_KINDS = ("user", "group", "role", "policy")


class _InOrder(click.Group):
    """Its commands in the order in which they are written."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    name="import",
    cls=_InOrder,
    epilog="Examples: mapper import gaad details.json; mapper import raw recordings -o prod",
)
def command() -> None:
    """Make a snapshot of what you were sent, without AWS.

    What was not sent was not looked at: the snapshot says so, and every answer names what it
    could not see.
    """


def _writes(function: Callable[..., Any]) -> Callable[..., Any]:
    """``-o`` (the snapshot's own folder) and ``--snapshots``."""
    place = click.option(
        "--snapshots",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("snapshots"),
        show_default=True,
        help="Folder of the snapshots.",
    )
    to = click.option(
        "-o",
        "--to",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="The snapshot's own folder, instead of a new one under --snapshots.",
    )
    form = click.option(
        "--format",
        type=click.Choice(("table", "json")),
        default="table",
        show_default=True,
        help="How the summary is written.",
    )
    asked = asks(snapshot=False, config=False, graph=False, filters=False, formats=None)
    return to(place(form(asked(function))))


@command.command(
    name="gaad",
    epilog="Example: aws iam get-account-authorization-details > details.json; "
    "mapper import gaad details.json; mapper admins",
)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--account",
    "account_id",
    metavar="ID",
    help="Whose details they are, where the ARNs inside do not say.",
)
@_writes
def _gaad(
    asked: Asked, files: tuple[Path, ...], account_id: str | None, to: Path | None, snapshots: Path
) -> int:
    """Account details: the output of aws iam get-account-authorization-details.

    Several files are several accounts, or several pages of one. A file may be packed with gzip;
    - is standard input. Everything but IAM counts as not looked at.
    """
    from collector.account_details import import_details

    if account_id is not None:
        _check_account(account_id, "--account")
    result = import_details(files, to, account_id=account_id or "", snapshots=snapshots)
    return _report(asked, result, ("admins", "trusts"), snapshots)


@command.command(name="raw", epilog="Example: mapper import raw recordings -o prod")
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
@_writes
def _raw(asked: Asked, directory: Path, to: Path | None, snapshots: Path) -> int:
    """Recorded answers of the AWS CLI, one file per call.

    \b
    DIR/<account>/<region or global>/<service>.<operation>[.<id>].json
    as in 111122223333/eu-west-1/ec2.describe_vpcs.json and
    111122223333/global/s3.get_bucket_policy.my-bucket.json

    Service and operation are boto3's names. A file holds what the AWS CLI printed, or
    {"Error": {"Code": ..., "Message": ...}}. docs/snapshot.md lists the operations.
    """
    from collector.raw import import_raw

    result = import_raw(directory, to, snapshots=snapshots)
    return _report(asked, result, ("public", "trusts"), snapshots)


@command.command(name="cloudmapper", epilog="Example: mapper import cloudmapper account-data")
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--account",
    "named",
    multiple=True,
    metavar="NAME=ID",
    help="The account id of a folder under account-data, where its files do not say.",
)
@_writes
def _cloudmapper(
    asked: Asked, directory: Path, named: tuple[str, ...], to: Path | None, snapshots: Path
) -> int:
    """What CloudMapper's collect left: account-data/<account>/<region>/<service>-<operation>.json.

    CloudMapper leaves no file where AWS refused, nor where there was nothing (no bucket policy):
    both count as not looked at.
    """
    from collector.cloudmapper import import_cloudmapper

    ids = {}
    for text in named:
        name, equals, account_id = text.rpartition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not NAME=ID.", param_hint="--account")
        ids[name] = _check_account(account_id, "--account")
    result = import_cloudmapper(directory, to, account_ids=ids, snapshots=snapshots)
    return _report(asked, result, ("public", "trusts"), snapshots)


@command.command(
    name="config",
    epilog="Example: aws s3 cp --recursive s3://BUCKET/AWSLogs/111122223333/Config/ config; "
    "mapper import config config",
)
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."
)
@_writes
def _config(asked: Asked, paths: tuple[Path, ...], to: Path | None, snapshots: Path) -> int:
    """What AWS Config recorded: configuration snapshots and history files, or what the API gave.

    Files, packed with gzip or not, or directories of *.json and *.json.gz; - is standard input.
    Of the API: get-resource-config-history, batch-get-resource-config,
    batch-get-aggregate-resource-config, select-aggregate-resource-config.

    Of each resource the newest item counts. Only a configuration snapshot lists everything of its
    region, and only of the types that were recorded; all else counts as not looked at.
    """
    from collector.aws_config import import_config

    result = import_config(paths, to, snapshots=snapshots)
    return _report(asked, result, ("public", "admins"), snapshots)


def _check_account(text: str, option: str) -> str:
    if len(text) == _ACCOUNT_DIGITS and text.isascii() and text.isdigit():
        return text
    raise click.BadParameter(f"{text!r} is not an account id (twelve digits).", param_hint=option)


def _report(asked: Asked, result: CollectResult, further: tuple[str, ...], snapshots: Path) -> int:
    from mapper.answering import write_sheet
    from mapper.collecting import result_row
    from mapper.snapshots import open_snapshot
    from queries.answers.coverage import gaps_of_ledger

    warnings = list(result.warnings) if asked.verbose else folded(result.warnings)
    for warning in warnings:
        asked.say(f"Warning: {warning}")
    snapshot = open_snapshot(result.path)
    write_sheet(
        asked,
        snapshot,
        "import",
        [result_row(result)],
        title=f"Snapshot {result.path}",
        columns=(),
        cells=(),
        notes=[
            *_notes(result),
            *_captured(snapshot),
            *_principals(snapshot),
            _next(result, further, snapshots),
        ],
        coverage=gaps_of_ledger(result.gaps),
    )
    return result.exit_code


def _captured(snapshot: Snapshot) -> list[str]:
    """How old the items are, where what was imported says so."""
    times = snapshot.manifest.get("captured")
    if not isinstance(times, dict) or "oldest" not in times:
        return []
    return [f"Captured between {times['oldest']} (the oldest item) and {times['newest']}."]


def _principals(snapshot: Snapshot) -> list[str]:
    """How much of IAM was in it."""
    counts = [counted(sum(1 for _ in snapshot.items(f"iam:{kind}")), kind) for kind in _IAM_KINDS]
    return [f"IAM: {', '.join(counts)}."] if any(text[:2] != "0 " for text in counts) else []


def _next(result: CollectResult, further: tuple[str, ...], snapshots: Path) -> str:
    """Commands to go on with; they find the snapshot by themselves only in its usual place."""
    usual = snapshots == FOLDER and result.path.parent == FOLDER
    named = "" if usual else f" --snapshot {shlex.quote(str(result.path))}"
    asked = (*further, "can PRINCIPAL", "who-can ACTION RESOURCE")
    return f"Next: {', '.join(f'mapper {one}{named}' for one in asked)}"


def folded(warnings: tuple[str, ...]) -> list[str]:
    """Warnings of one kind about many files as one sentence."""
    kinds = (
        (" is of no operation that is used", "are of no operation that is used"),
        (" fits no call that was made", "fit no call that was made"),
    )
    found = [text for text in warnings if not text.endswith(tuple(end for end, _ in kinds))]
    for ending, plural in kinds:
        names = [text.removesuffix(ending) for text in warnings if text.endswith(ending)]
        if len(names) <= _NAMED:
            found += [name + ending for name in names]
        else:
            some = ", ".join(names[:_NAMED])
            found.append(f"{len(names)} files {plural}: {some}, ... (-v names them all)")
    return found


def _notes(result: CollectResult) -> list[str]:
    """What was in it and what was not."""
    accounts = ", ".join(result.accounts[:_NAMED]) + (", ..." * (len(result.accounts) > _NAMED))
    regions = len(result.regions)
    notes = [
        f"{counted(len(result.accounts), 'account')} ({accounts}), {counted(regions, 'region')}, "
        f"{result.items} resources and answers."
    ]
    refused: dict[tuple[str, str], int] = {}
    absent = set()
    for row in result.gaps:
        call = f"{row.service}:{row.operation}"
        if row.status == "not_attempted":
            absent.add(call)
        else:
            key = (call, str(row.status))
            refused[key] = refused.get(key, 0) + 1
    ordered = sorted(refused.items(), key=lambda pair: (-pair[1], pair[0]))
    for (call, status), places in ordered[:_NAMED]:
        notes.append(f"Not seen: {call} {status} in {places} places.")
    if len(ordered) > _NAMED:
        notes.append(f"Not seen: {len(ordered) - _NAMED} more calls: mapper coverage")
    if absent:
        notes.append(
            f"Not looked at: {len(absent)} of the calls that a collection makes were not "
            "recorded; answers say where that matters. All of them: mapper coverage"
        )
    return notes
