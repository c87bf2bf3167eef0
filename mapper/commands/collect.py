"""``mapper collect``."""

from __future__ import annotations

from pathlib import Path

import click

from mapper.options import Asked, asks, split


@click.command(
    name="collect",
    epilog="Examples: mapper collect --profile audit; mapper collect --org --role SecurityAudit; "
    "mapper collect --account 111122223333 --region eu-west-1 --services ec2,iam",
)
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration files.")
@click.option(
    "--org",
    is_flag=True,
    help="Every active account of the organisation, by assuming a role in each.",
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    callback=split,
    metavar="NAME",
    help="Role to assume in other accounts; tried before OrganizationAccountAccessRole and "
    "AWSControlTowerExecution.",
)
@click.option("--external-id", metavar="ID", help="Sent when a role is assumed.")
@click.option("--account", multiple=True, callback=split, metavar="ID", help="Only these accounts.")
@click.option(
    "--region",
    multiple=True,
    callback=split,
    metavar="REGION",
    help="Only these regions. Default: every region that an account has enabled.",
)
@click.option(
    "--services",
    multiple=True,
    callback=split,
    metavar="LIST",
    help="Only these services or types: ec2,iam or ec2:vpc.",
)
@click.option(
    "--skip", multiple=True, callback=split, metavar="LIST", help="Not these services or types."
)
@click.option(
    "--depth",
    type=click.Choice(("core", "full")),
    default="full",
    show_default=True,
    help="core: what public, trusts, admins and paths are computed from. full: also what an "
    "assessment reads.",
)
@click.option("--fresh", is_flag=True, help="Do not continue an unfinished snapshot.")
@click.option(
    "--snapshots",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("snapshots"),
    show_default=True,
    help="Folder of the snapshots.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The snapshot's own folder, instead of a new one under --snapshots.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=16,
    show_default=True,
    help="Calls at the same time.",
)
@asks(snapshot=False, graph=False, filters=False, formats=("table", "json"))
def command(
    asked: Asked,
    profile: str | None,
    org: bool,
    roles: tuple[str, ...],
    external_id: str | None,
    services: tuple[str, ...],
    skip: tuple[str, ...],
    depth: str,
    fresh: bool,
    snapshots: Path,
    to: Path | None,
    workers: int,
) -> int:
    """Read AWS accounts into a snapshot (files).

    Only reading calls are made: any other is refused before it is sent. Credentials come from
    where the AWS CLI takes them. A collection that was stopped is continued by the same command.
    Ends with what was seen and what was not; exit code 4 if an account gave nothing.
    """
    from collector.declare import Depth
    from collector.request import CollectRequest
    from mapper.answering import write_sheet
    from mapper.collecting import collect_with_progress, result_notes, result_row
    from mapper.snapshots import open_snapshot

    config = asked.load_config()
    request = CollectRequest(
        profile=profile,
        organisation=org,
        role_names=roles,
        external_id=external_id,
        accounts=tuple(_account(text, dict(config.accounts)) for text in asked.account),
        regions=asked.region,
        services=services,
        skip=skip,
        depth=Depth(depth),
        snapshots=snapshots,
        path=to,
        fresh=fresh,
        workers=workers,
    )
    result = collect_with_progress(request, quiet=asked.quiet, names=config.accounts)
    write_sheet(
        asked,
        open_snapshot(result.path),
        "collect",
        [result_row(result)],
        title=f"Snapshot {result.path}",
        columns=(),
        cells=(),
        notes=[*result_notes(result, config), "Next: mapper public"],
    )
    return result.exit_code


def _account(text: str, names: dict[str, str]) -> str:
    """An account of ``mapper.toml`` by name; ids and the organisation's names go through."""
    return next((account for account, name in names.items() if name == text), text)
