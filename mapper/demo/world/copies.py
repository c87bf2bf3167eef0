"""Images, snapshots and shares: what other accounts may copy, restore or attach to."""

from __future__ import annotations

from typing import Any

from mapper.demo.world.facts import ANY_ACCOUNT, Accesses, Fact, Thing, Touch, account_node
from mapper.demo.world.plan import UNKNOWN_ACCOUNT, VENDOR_ACCOUNT
from mapper.demo.world.stage import Stage, flip_call, tags_of

_IMAGE = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html"
_SNAPSHOT = (
    "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html"
)
_LOCK = "https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html"
_RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html"
_RAM = "https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html"


def images(stage: Stage) -> None:
    """An image for everybody, and one for a single outside account."""
    scenario = "image"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    ec2 = stage.clients(account, "ec2", region)
    outside = account_node(UNKNOWN_ACCOUNT)
    things = []
    for what, part, grant in (
        ("golden-image", "planted", {"Group": "all"}),
        ("appliance-image", "decoy", {"UserId": UNKNOWN_ACCOUNT}),
    ):
        name = stage.plan.name(scenario, what)
        image = ec2.register_image(
            Name=name, Architecture="x86_64", RootDeviceName="/dev/xvda",
            TagSpecifications=tags_of("image", name, scenario),
        )["ImageId"]  # fmt: skip
        arn = f"arn:aws:ec2:{region}::image/{image}"
        stage.keep(account, arn, "data")
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [grant]})
        everybody: Fact = Accesses(ANY_ACCOUNT, arn, "launch-permission", "yes")
        named: tuple[Fact, ...] = (Accesses(outside, arn, "launch-permission", "yes"),)
        planted = part == "planted"
        change = {"Remove" if planted else "Add": [{"Group": "all"}]}
        things.append(
            Thing(
                name, part, "sharing", _IMAGE,
                "its launch permission names " + ("everybody" if planted else "one account"),
                facts=(everybody,) if planted else named,
                flipped=() if planted else (everybody, *named),
                flip=flip_call(
                    account, "ec2", region, "modify_image_attribute",
                    ImageId=image, LaunchPermission=change,
                ),
                touches=(Touch(account, region, ("ec2",)),),
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def _volume_snapshot(stage: Stage, scenario: str, what: str) -> tuple[str, str, str]:
    """An unencrypted snapshot; returns its name, id and ARN."""
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    ec2 = stage.clients(account, "ec2", region)
    name = stage.plan.name(scenario, what)
    volume = ec2.create_volume(
        AvailabilityZone=region + "a", Size=8, TagSpecifications=tags_of("volume", name, scenario)
    )["VolumeId"]
    snapshot = ec2.create_snapshot(
        VolumeId=volume, Description=name, TagSpecifications=tags_of("snapshot", name, scenario)
    )["SnapshotId"]
    arn = f"arn:aws:ec2:{region}::snapshot/{snapshot}"
    return name, snapshot, arn


def volume_snapshots(stage: Stage) -> None:
    """A snapshot for everybody, one for a partner, one for everybody where all sharing is off."""
    things: list[Thing] = []
    for what, part, grant, source in (
        ("appdata", "planted", {"GroupNames": ["all"]}, ANY_ACCOUNT),
        ("handover", "planted", {"UserIds": [UNKNOWN_ACCOUNT]}, account_node(UNKNOWN_ACCOUNT)),
    ):
        name, snapshot, arn = _volume_snapshot(stage, "snapshot", what)
        things.append(_snapshot_thing(stage, name, part, snapshot, arn, grant, source))
    stage.add("snapshot", *things)

    scenario = "snapshot-locked"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    name, snapshot, arn = _volume_snapshot(stage, scenario, "warehouse")
    ec2 = stage.clients(account, "ec2", region)
    _permit(ec2, snapshot, {"GroupNames": ["all"]}, "add")
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    stage.add(
        scenario,
        Thing(
            name, "decoy", "sharing", _LOCK, "its region blocks all public sharing",
            flipped=(Accesses(ANY_ACCOUNT, arn, "create-volume-permission", "yes"),),
            flip=flip_call(account, "ec2", region, "disable_snapshot_block_public_access"),
            touches=(Touch(account, region, ("ec2",)),),
        ),
    )  # fmt: skip


def _permit(ec2: Any, snapshot: str, grant: dict[str, Any], verb: str) -> None:
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot,
        Attribute="createVolumePermission",
        OperationType=verb,
        **grant,
    )


def _snapshot_thing(
    stage: Stage, name: str, part: str, snapshot: str, arn: str, grant: dict[str, Any], source: str
) -> Thing:
    account, region = stage.plan.account("snapshot"), stage.plan.region("snapshot")
    _permit(stage.clients(account, "ec2", region), snapshot, grant, "add")
    return Thing(
        name, part, "sharing", _SNAPSHOT, f"its permission names {source}",
        facts=(Accesses(source, arn, "create-volume-permission", "yes"),),
        flip=flip_call(
            account, "ec2", region, "modify_snapshot_attribute", SnapshotId=snapshot,
            Attribute="createVolumePermission", OperationType="remove", **grant,
        ),
        touches=(Touch(account, region, ("ec2",)),),
    )  # fmt: skip


def database_snapshots(stage: Stage) -> None:
    """A database snapshot for everybody, one for nobody; a cluster's for a vendor, one not."""
    scenario = "rds"
    plan = stage.plan
    account, region = plan.account(scenario), plan.region(scenario)
    rds = stage.clients(account, "rds", region)
    database, cluster = plan.name(scenario, "orders-db"), plan.name(scenario, "ledger")
    site = stage.site(scenario)
    subnets = [stage.subnet(site, plan.name(scenario, f"db-{zone}"), zone).id for zone in "ab"]
    group = plan.name(scenario, "db-subnets")
    rds.create_db_subnet_group(
        DBSubnetGroupName=group, DBSubnetGroupDescription=group, SubnetIds=subnets
    )
    guard = stage.group(site, plan.name(scenario, "db-sg"))
    login = {"MasterUsername": "orders", "MasterUserPassword": "not-a-real-password"}
    rds.create_db_instance(
        DBInstanceIdentifier=database, DBInstanceClass="db.t3.micro", Engine="postgres",
        AllocatedStorage=20, PubliclyAccessible=False, BackupRetentionPeriod=0,
        DBSubnetGroupName=group, VpcSecurityGroupIds=[guard], **login,
    )  # fmt: skip
    rds.create_db_cluster(
        DBClusterIdentifier=cluster, Engine="aurora-postgresql", DBSubnetGroupName=group,
        VpcSecurityGroupIds=[guard], **login,
    )  # fmt: skip
    for kind, identifier in (("db", database), ("cluster", cluster)):
        stage.keep(account, f"arn:aws:rds:{region}:{account}:{kind}:{identifier}", "data")
    things = []
    for what, part, family, value in (
        ("orders-export", "planted", "db", "all"),
        ("orders-nightly", "decoy", "db", "all"),
        ("ledger-audit", "planted", "cluster", VENDOR_ACCOUNT),
        ("ledger-weekly", "decoy", "cluster", VENDOR_ACCOUNT),
    ):
        things.append(
            _database_snapshot(
                stage, plan.name(scenario, what), part, family, value,
                database if family == "db" else cluster,
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def _database_snapshot(
    stage: Stage, name: str, part: str, family: str, value: str, origin: str
) -> Thing:
    account, region = stage.plan.account("rds"), stage.plan.region("rds")
    rds = stage.clients(account, "rds", region)
    if family == "db":
        names: dict[str, str] = {"DBSnapshotIdentifier": name}
        rds.create_db_snapshot(DBInstanceIdentifier=origin, **names)
        operation, kind = "modify_db_snapshot_attribute", "snapshot"
    else:
        names = {"DBClusterSnapshotIdentifier": name}
        rds.create_db_cluster_snapshot(DBClusterIdentifier=origin, **names)
        operation, kind = "modify_db_cluster_snapshot_attribute", "cluster-snapshot"
    if part == "planted":
        getattr(rds, operation)(AttributeName="restore", ValuesToAdd=[value], **names)
    source = ANY_ACCOUNT if value == "all" else account_node(value)
    arn = f"arn:aws:rds:{region}:{account}:{kind}:{name}"
    stage.keep(account, arn, "backup")
    open_ = (Accesses(source, arn, f"db-{kind}-attribute", "yes"),)
    planted = part == "planted"
    change = {"ValuesToRemove" if planted else "ValuesToAdd": [value]}
    return Thing(
        name, part, "sharing", _RDS,
        "its restore attribute names " + ("somebody" if planted else "nobody"),
        facts=open_ if planted else (),
        flipped=() if planted else open_,
        flip=flip_call(
            account, "rds", region, operation, AttributeName="restore", **change, **names
        ),
        touches=(Touch(account, region, ("rds",)),),
    )  # fmt: skip


def shares(stage: Stage) -> None:
    """A transit gateway shared with an outside account, and one shared with nobody yet."""
    scenario = "share"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    ec2, ram = (stage.clients(account, service, region) for service in ("ec2", "ram"))
    things = []
    for what, part in (("core-tgw", "planted"), ("lab-tgw", "decoy")):
        name = stage.plan.name(scenario, what)
        gateway = ec2.create_transit_gateway(
            Description=name,
            Options={"AutoAcceptSharedAttachments": "enable"},
            TagSpecifications=tags_of("transit-gateway", name, scenario),
        )["TransitGateway"]["TransitGatewayId"]
        arn = f"arn:aws:ec2:{region}:{account}:transit-gateway/{gateway}"
        planted = part == "planted"
        share = ram.create_resource_share(
            name=name, resourceArns=[arn], allowExternalPrincipals=True,
            principals=[UNKNOWN_ACCOUNT] if planted else [],
            clientToken=stage.token(),
        )["resourceShare"]["resourceShareArn"]  # fmt: skip
        open_ = (Accesses(account_node(UNKNOWN_ACCOUNT), arn, "ram-share", "yes"),)
        verb = "disassociate" if planted else "associate"
        things.append(
            Thing(
                name, part, "sharing", _RAM,
                "its share names " + ("an outside account" if planted else "nobody"),
                facts=open_ if planted else (),
                flipped=() if planted else open_,
                flip=flip_call(
                    account, "ram", region, f"{verb}_resource_share",
                    resourceShareArn=share, principals=[UNKNOWN_ACCOUNT],
                ),
                touches=(Touch(account, region, ("ram",)),),
            )
        )  # fmt: skip
    stage.add(scenario, *things)
