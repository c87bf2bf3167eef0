"""The machines that Systems Manager's agent runs on."""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.schema.convert import truth
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.path import look

_PROPERTIES = (
    Property("ssm_ping_status", "PingStatus", "Online: the agent takes commands."),
    Property("ssm_agent_version", "AgentVersion", "Version of the agent."),
    Property(
        "ssm_iam_role", "IamRole", "The role that the agent has, where it is not the instance's."
    ),
    Property("ssm_platform", "PlatformName", "Operating system, as the agent sees it."),
    Property("ssm_ip_address", "IPAddress", "Address, as the agent sees it."),
    Property("ssm_computer_name", "ComputerName", "Host name, as the agent sees it."),
)


def _ids(line: Item) -> Iterator[str]:
    return (str(found) for found in look("InstanceId", line).values)


def _hybrid(line: Item) -> str | None:
    """Machines outside EC2 have ids of their own."""
    return None if next(_ids(line), "").startswith("i-") else line.id


def _instance(line: Item) -> Reference | None:
    found = next(_ids(line), "")
    return Reference(short=found, label="EC2Instance") if found.startswith("i-") else None


DECLARATIONS = (
    NodeType(
        snapshot_type="ssm:managed-instance",
        label="ManagedInstance",
        resource_type="AWS::SSM::ManagedInstance",
        cloudformation=False,
        category="compute",
        description="A machine outside EC2 that Systems Manager commands.",
        arn="arn:{partition}:ssm:{region}:{account}:managed-instance/{id}",
        id_prefix="mi-",
        name="Name",
        resource_id="InstanceId",
        node_id=_hybrid,
        properties=(
            *_PROPERTIES,
            Property("activation_id", "ActivationId", "The activation that let it in."),
            Property("registration_date", "RegistrationDate", "When it came (ISO 8601)."),
            Property("is_latest_version", "IsLatestVersion", "Whether its agent is new.", truth),
        ),
    ),
    Setting(
        snapshot_type="ssm:managed-instance",
        label="EC2Instance",
        describes=_instance,
        description="What Systems Manager's agent says of an instance.",
        properties=_PROPERTIES,
    ),
)
