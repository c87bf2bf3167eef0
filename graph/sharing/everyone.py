"""What is for everybody on the internet by its kind: public repositories, published dashboards.

* ECR Public: https://docs.aws.amazon.com/AmazonECR/latest/public/public-repositories.html
* dashboards: https://docs.aws.amazon.com/quicksight/latest/user/share-a-dashboard-grant-access-everyone.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.schema.path import look
from graph.sharing.policies import outside, own, refused, unread
from graph.sharing.receiving import holds, source_of, told
from graph.verdict import Answer, Verdict, all_of

INTERNET = "internet"
_REPOSITORY = "public-repository"
_DASHBOARD = "dashboard-permission"
_CALL = "describe_dashboard_permissions"
_ANONYMOUS = "publicAnonymousUser"
_READ = ("quicksight:DescribeDashboard",)


def public_repository_judgements(snapshot: Snapshot) -> Iterator[Judgement]:
    """Everybody pulls from a public repository; nothing can narrow that."""
    for item in snapshot.items("ecr-public:repository"):
        text = "A public repository lets everybody pull its images."
        answer = holds(_REPOSITORY, item, text, Ref.to(item, "/item"))
        yield outside(item, INTERNET, _REPOSITORY, answer)


def dashboard_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Dashboards that are published, or shared with users of other accounts."""
    for item in snapshot.items("quicksight:dashboard"):
        call = item.call(_CALL)
        if not call.known:
            why = f"Who may open the dashboard was not read ({call.status})."
            answer = unread(f"quicksight.{_CALL}", item, why)
            yield outside(item, INTERNET, _DASHBOARD, answer, _READ)
            continue
        yield from _of_dashboard(snapshot, item, world)


def _of_dashboard(snapshot: Snapshot, item: Item, world: IamWorld) -> Iterator[Judgement]:
    ref = Ref.to(item, f"/calls/{_CALL}/value")
    paths = ("Permissions", "LinkSharingConfiguration/Permissions")
    named = {
        str(row["Principal"])
        for path in paths
        for row in look(f"@{_CALL}/{path}/*", item).values
        if isinstance(row, Mapping) and row.get("Principal")
    }
    published = sorted(name for name in named if _ANONYMOUS in name)
    if published:
        answer = holds(_DASHBOARD, item, "It is published to everybody on the internet.", ref)
        answer = all_of((answer, _account(snapshot, item)))
    else:
        answer = refused(item.id, _DASHBOARD, "It is not published to everybody.", ref)
    yield outside(item, INTERNET, _DASHBOARD, answer, _READ)
    sources = {_user_account(name) for name in named - set(published)}
    for source in sorted(sources - {""}):
        if not own(source, item.account_id):
            text = f"Its permissions name users of {source}."
            one = outside(item, source, _DASHBOARD, holds(_DASHBOARD, item, text, ref), _READ)
            yield told(one, item.account_id, world)


def _user_account(name: str) -> str:
    parts = name.split(":", 5)
    return source_of(parts[4]) if len(parts) == 6 and parts[4] else ""


def _account(snapshot: Snapshot, item: Item) -> Answer:
    """The account's own switch, in the region that keeps its users."""
    operation = "describe_account_settings"
    for line in snapshot.items("quicksight:account", item.account_id):
        values = look(f"@{operation}/AccountSettings/PublicSharingEnabled", line).values
        if not values:
            continue
        ref = Ref.to(line, f"/calls/{operation}/value/AccountSettings/PublicSharingEnabled")
        if values[0] is True:
            return holds("public sharing", item, "The account allows public sharing.", ref)
        why = "The account has switched public sharing of dashboards off."
        return refused(item.id, "public sharing", why, ref)
    why = "Whether the account allows public sharing of dashboards was not read."
    return replace(unread(f"quicksight.{operation}", item, why), verdict=Verdict.CONDITIONAL)
