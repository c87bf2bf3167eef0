"""Serverless applications, Service Catalog, QuickSight: what is shared by a setting."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.account import of_region
from graph.schema.convert import present, texts, truth
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.links import received

_LINK = "@describe_dashboard_permissions/LinkSharingConfiguration/Permissions/*"


def _portfolio(line: Item) -> Reference:
    return Reference(id=line.id, label="ServiceCatalogPortfolio")


DECLARATIONS = (
    NodeType(
        snapshot_type="serverlessrepo:application",
        label="ServerlessApplication",
        resource_type="AWS::ServerlessRepo::Application",
        cloudformation=False,
        category="data",
        description="An application of the Serverless Application Repository.",
        arn="arn:{partition}:serverlessrepo:{region}:{account}:applications/{id}",
        name="Name",
        properties=(
            Property(
                "shared_with",
                "@get_application_policy/Statements/*/Principals/*",
                "Accounts that may deploy it; * is everyone.",
                texts,
                absent=[],
            ),
            Property(
                "shared_with_organizations",
                "@get_application_policy/Statements/*/PrincipalOrgIDs/*",
                "Organisations that may deploy it.",
                texts,
                absent=[],
            ),
            Property("author", "Author", "Who published it."),
            Property("creation_time", "CreationTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="servicecatalog:portfolio",
        label="ServiceCatalogPortfolio",
        resource_type="AWS::ServiceCatalog::Portfolio",
        category="data",
        description="Products that principals may launch without rights of their own.",
        arn="arn:{partition}:catalog:{region}:{account}:portfolio/{id}",
        name="DisplayName",
        resource_id="Id",
        properties=(
            Property("provider_name", "ProviderName", "Who offers it."),
            Property(
                "shared_with",
                "@list_portfolio_access/*",
                "Accounts that it is shared with.",
                texts,
                absent=[],
            ),
            Property(
                "principals",
                "@list_principals_for_portfolio/*/PrincipalARN",
                "Who may launch its products.",
                texts,
                absent=[],
            ),
            Property("created_time", "CreatedTime", "When it was made (ISO 8601)."),
        ),
        links=(received("@list_portfolio_access/*", "The receiver may take it over."),),
    ),
    Setting(
        snapshot_type="servicecatalog:accepted-share",
        label="ServiceCatalogPortfolio",
        describes=_portfolio,
        description="A portfolio of another account that this one accepted.",
        proves=True,
        properties=(
            Property("name", "DisplayName", "Its name."),
            Property("accepted_provider_name", "ProviderName", "Who offers it to us."),
        ),
    ),
    Setting(
        snapshot_type="quicksight:account",
        label="Region",
        describes=of_region,
        description="QuickSight, where the account keeps its users.",
        properties=(
            Property(
                "quicksight_public_sharing",
                "@describe_account_settings/AccountSettings/PublicSharingEnabled",
                "Whether dashboards can be shared with everyone on the internet.",
                truth,
            ),
            Property(
                "quicksight_edition",
                "@describe_account_settings/AccountSettings/Edition",
                "STANDARD or ENTERPRISE.",
            ),
        ),
    ),
    NodeType(
        snapshot_type="quicksight:dashboard",
        label="QuickSightDashboard",
        resource_type="AWS::QuickSight::Dashboard",
        category="data",
        description="A dashboard of QuickSight.",
        arn="arn:{partition}:quicksight:{region}:{account}:dashboard/{id}",
        name="Name",
        resource_id="DashboardId",
        properties=(
            Property(
                "shared_with",
                "@describe_dashboard_permissions/Permissions/*/Principal",
                "Users and groups that may open it.",
                texts,
                absent=[],
            ),
            Property(
                "shared_by_link",
                f"{_LINK}/Principal",
                "Whether everyone in a namespace may open it who has the link.",
                present,
                absent=False,
            ),
            Property("created_time", "CreatedTime", "When it was made (ISO 8601)."),
        ),
    ),
)
