"""What small services say of a whole region: X-Ray's policies, IoT's endpoint."""

from __future__ import annotations

from graph.schema.account import of_region
from graph.schema.declare import Property, Setting
from graph.schema.usual import many

DECLARATIONS = (
    Setting(
        snapshot_type="xray:policy",
        label="Region",
        describes=of_region,
        description="Resource policies of X-Ray.",
        properties=(
            many("xray_policies", "@list_resource_policies/*/PolicyName", "X-Ray's policies."),
        ),
    ),
    Setting(
        snapshot_type="iot:endpoint",
        label="Region",
        describes=of_region,
        description="Where the account's devices connect.",
        properties=(
            Property(
                "iot_endpoint", "@describe_endpoint/endpointAddress", "The host of IoT's devices."
            ),
        ),
    ),
)
