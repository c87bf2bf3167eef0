"""Accounts and their regions."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.convert import flag, texts
from graph.schema.declare import NodeType, Property, Reference, Setting


def _account_node(line: Item) -> str:
    return f"account:{line.id}"


def of_account(line: Item) -> Reference:
    """The account that the line was collected from."""
    return Reference(id=f"account:{line.account_id}", label="AWSAccount")


def of_region(line: Item) -> Reference:
    """The region that the line was collected from."""
    return Reference(
        id=f"region:{line.account_id}/{line.region}",
        short=line.region,
        label="Region",
        account=line.account_id,
    )


def _region_node(line: Item) -> str:
    return f"region:{line.account_id}/{line.id}"


DECLARATIONS = (
    NodeType(
        snapshot_type="aws:account",
        label="AWSAccount",
        resource_type="AWS::Organizations::Account",
        category="account",
        description="An account: collected, or a member of the organisation.",
        node_id=_account_node,
        owner="@get_caller_identity/Account",
        properties=(
            Property("caller_arn", "@get_caller_identity/Arn", "Who collected the account."),
        ),
    ),
    Setting(
        snapshot_type="aws:account-alias",
        label="AWSAccount",
        describes=of_account,
        description="The sign-in alias and the counters of the account.",
        order=1,
        properties=(
            Property("name", "@list_account_aliases/*", "The alias, where no name is known."),
            Property("aliases", "@list_account_aliases/*", "Sign-in aliases.", texts, absent=[]),
            Property(
                "root_mfa_enabled",
                "@get_account_summary/SummaryMap/AccountMFAEnabled",
                "Whether the root user has an MFA device.",
                flag,
            ),
            Property(
                "root_access_keys_present",
                "@get_account_summary/SummaryMap/AccountAccessKeysPresent",
                "Whether the root user has access keys.",
                flag,
            ),
        ),
    ),
    NodeType(
        snapshot_type="aws:region",
        label="Region",
        resource_type="AWS::Region",
        cloudformation=False,
        category="account",
        description="A region as one account sees it; it carries the account's settings there.",
        node_id=_region_node,
        name="RegionName",
        resource_id="RegionName",
        region=Property("region", "RegionName", "The region itself."),
        properties=(
            Property("opt_in_status", "OptInStatus", "Whether the account enabled the region."),
        ),
    ),
)
