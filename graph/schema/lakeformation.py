"""Lake Formation: who administers the data lake of a region, and what is open in it."""

from __future__ import annotations

from graph.schema.account import of_region
from graph.schema.convert import count, one_of, texts, truth
from graph.schema.declare import Property, Setting

_SETTINGS = "@get_data_lake_settings/DataLakeSettings"

DECLARATIONS = (
    Setting(
        snapshot_type="lakeformation:permissions",
        label="Region",
        describes=of_region,
        description="The data lake of the region.",
        properties=(
            Property(
                "lake_formation_admins",
                f"{_SETTINGS}/DataLakeAdmins/*/DataLakePrincipalIdentifier",
                "Who administers the data lake.",
                texts,
                absent=[],
            ),
            Property(
                "lake_formation_external_filtering",
                f"{_SETTINGS}/AllowExternalDataFiltering",
                "Whether engines outside AWS may read data and filter it themselves.",
                truth,
            ),
            Property(
                "lake_formation_grants",
                "@list_permissions/*",
                "How many grants there are.",
                count,
                absent=0,
            ),
            Property(
                "lake_formation_open_to_iam",
                "@list_permissions/*/Principal/DataLakePrincipalIdentifier",
                "Whether something is left to IAM alone (IAM_ALLOWED_PRINCIPALS).",
                one_of("IAM_ALLOWED_PRINCIPALS"),
                absent=False,
            ),
            Property(
                "lake_formation_locations",
                "@list_resources/*/ResourceArn",
                "S3 locations that it guards.",
                texts,
                absent=[],
            ),
        ),
    ),
)
