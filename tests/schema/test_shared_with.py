"""``SHARED_WITH`` of types that a list of accounts shares, each beside a twin that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.inventory import inventory
from snapshot_files import ACCOUNT, REGION, line, write_snapshot

PARTNER = "999988887777"


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


FPGA = f"arn:aws:ec2:{REGION}::fpga-image/afi-1"


def fpga(name: str) -> dict[str, Any]:
    rows = {"FpgaImageAttribute": {"LoadPermissions": [{"UserId": name} if name else {}]}}
    return line(FPGA, {"FpgaImageId": "afi-1"}, describe_fpga_image_attribute=rows)


def document(name: str) -> dict[str, Any]:
    return line(_arn("ssm", "document/d"), {"Name": "d"}, describe_document_permission=[name])


def directory(status: str) -> dict[str, Any]:
    rows = [{"SharedAccountId": PARTNER, "ShareStatus": status}]
    item = {"DirectoryId": "d-1", "Type": "MicrosoftAD"}
    return line(_arn("ds", "directory/d-1"), item, describe_shared_directories=rows)


def portfolio(*names: str) -> dict[str, Any]:
    return line(_arn("catalog", "portfolio/p"), {"Id": "p"}, list_portfolio_access=list(names))


def data_share(status: str, consumer: str) -> dict[str, Any]:
    rows = [{"ConsumerIdentifier": consumer, "Status": status}]
    return line(_arn("redshift", "datashare:ns/s"), {"DataShareAssociations": rows})


def cluster(status: str) -> dict[str, Any]:
    rows = [{"Grantee": PARTNER, "Status": status}]
    item = {"ClusterIdentifier": "c"}
    return line(_arn("redshift", "cluster:c"), item, describe_endpoint_authorization=rows)


NAMESPACE = f"arn:aws:redshift:{REGION}:{PARTNER}:namespace:n"
OWN_NAMESPACE = f"arn:aws:redshift:{REGION}:{ACCOUNT}:namespace:n"


@pytest.mark.parametrize(
    ("type_id", "row", "shared"),
    [
        ("ec2:fpga-image", fpga(PARTNER), True),
        ("ec2:fpga-image", fpga(""), False),
        ("ssm:document", document(PARTNER), True),
        ("ssm:document", document("all"), False),
        ("ds:directory", directory("Shared"), True),
        ("ds:directory", directory("Rejected"), False),
        ("servicecatalog:portfolio", portfolio(PARTNER), True),
        ("servicecatalog:portfolio", portfolio(), False),
        ("redshift:share", data_share("ACTIVE", PARTNER), True),
        ("redshift:share", data_share("AUTHORIZED", NAMESPACE), True),
        ("redshift:share", data_share("ACTIVE", OWN_NAMESPACE), False),
        ("redshift:share", data_share("REJECTED", PARTNER), False),
        ("redshift:cluster", cluster("Authorized"), True),
        ("redshift:cluster", cluster("Revoking"), False),
    ],
)
def test_who_is_named(tmp_path: Path, type_id: str, row: dict[str, Any], shared: bool) -> None:
    snapshot = write_snapshot(tmp_path, {(ACCOUNT, REGION, type_id): [row]})
    found = {
        (one.start, one.end)
        for one in inventory(snapshot).relationships
        if one.type == "SHARED_WITH"
    }
    assert found == ({(row["id"], f"account:{PARTNER}")} if shared else set())
