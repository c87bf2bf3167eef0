"""``mapper public`` on a small snapshot: what it prints, since when, and what one lock holds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from collector.services import TYPES
from network.aws_shapes import Lab, allow, arn, exposed, open_acl
from network.test_load_balancers import ALB, GROUP, balancer, behind_alb
from snapshot_files import ACCOUNT, REGION, Absent, Denied, write_snapshot
from tests.cli.conftest import Outcome
from tests.cli.test_answers import VALIDATOR

WEB, DARK = arn("instance", "i-web"), arn("instance", "i-dark")


def lab() -> Lab:
    """``exposed()`` with IPv6, and a second instance that only an address keeps closed."""
    made = exposed([allow("tcp/22"), allow("tcp/22", "::/0")])
    made.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2600:1f18::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    made.item("eni-web")["Ipv6Addresses"] = [{"Ipv6Address": "2600:1f18::7"}]
    made.eni("eni-dark", "subnet-a", ("sg-dark",), private="10.0.0.9", instance="i-dark")
    made.group("sg-dark", [allow("tcp/3389")])
    made.instance("i-dark", ("eni-dark",))
    made.block_public_access("off")
    return made


def write(folder: Path, made: Lab, *, denied: str = "", needed: list[str]) -> Path:
    """The lab as a snapshot; ``denied`` is a type whose list call was refused, and is not there."""
    rows = {key: list(found.values()) for key, found in made.lines.items() if key[2] != denied}
    ledger = []
    for kind in needed:
        declared = TYPES.get(kind)
        listed = declared.lists[0].operation if declared and declared.lists else "describe"
        ledger.append(
            {
                "account_id": ACCOUNT,
                "region": REGION,
                "service": declared.client if declared else "x",
                "operation": listed,
                "type": kind,
                "status": "denied" if kind == denied else "ok",
            }
        )
    path = write_snapshot(folder, rows, ledger).path
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    (path / "manifest.json").write_text(json.dumps(manifest | {"id": folder.name}))
    return path


@pytest.fixture
def at(tmp_path: Path, needed: list[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a lab as a snapshot of this name."""
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    for name in ("MAPPER_SNAPSHOT", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return lambda name, made, denied="": write(
        tmp_path / "snapshots" / name, made, denied=denied, needed=needed
    )


Run = Callable[..., Outcome]


def answer(mapper: Run, snapshot: Path, *more: object) -> dict:
    outcome = mapper("public", "-q", "--snapshot", snapshot, "--format", "json", *more)
    assert outcome.code == 0, outcome.err
    VALIDATOR.validate(outcome.json)
    return outcome.json


def test_two_families_share_a_line_and_stay_two_rows(at, mapper: Run) -> None:
    snapshot = at("one", lab())
    table = mapper("public", "-q", "--snapshot", snapshot).out
    assert len([line for line in table.splitlines() if "i-web" in line]) == 1
    assert "eni/ipv4+ipv6" in table
    rows = answer(mapper, snapshot)["rows"]
    assert {(row["id"], row["mechanism"]) for row in rows} == {
        (WEB, "eni/ipv4"),
        (WEB, "eni/ipv6"),
    }


def test_families_that_differ_have_a_line_each(at, mapper: Run) -> None:
    made = lab()
    made.group("sg-web", [allow("tcp/22"), allow("tcp/80", "::/0")])
    table = mapper("public", "-q", "--snapshot", at("one", made)).out
    assert len([line for line in table.splitlines() if "i-web" in line]) == 2


def test_rows_stand_below_their_severity(at, mapper: Run) -> None:
    lines = mapper("public", "-q", "--snapshot", at("one", lab())).out.splitlines()
    (heading,) = [n for n, line in enumerate(lines) if line == " high (1)"]
    assert "i-web" in lines[heading + 1]


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("more", [(), ("--near",), ("--near", "all")])
def test_every_table_fits(
    at, mapper: Run, monkeypatch: pytest.MonkeyPatch, width: int, more: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    out = mapper("public", "-q", "--snapshot", at("one", lab()), *more).out
    assert max(map(len, out.splitlines())) <= width


# --port and --format targets


def test_targets_are_the_ports_that_were_asked_for(at, mapper: Run) -> None:
    made = lab()
    made.group("sg-web", [allow("tcp/20-30"), allow("tcp/443")])
    snapshot = at("one", made)

    def lines(*more: str) -> list[str]:
        out = mapper("public", "-q", "--snapshot", snapshot, "--format", "targets", *more).out
        return out.splitlines()

    assert lines() == ["198.51.100.7:20-30", "198.51.100.7:443"]
    assert lines("--port", "22") == ["198.51.100.7:22"]
    assert lines("--port", "udp/22") == []
    assert lines("--port", "25-443") == ["198.51.100.7:25-30", "198.51.100.7:443"]
    assert lines("--port", "TCP/29-40") == ["198.51.100.7:29-30"]
    assert lines("--port", "icmp") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("http", "write 443, tcp/443, udp/53, tcp/8000-8100 or icmp"),
        ("icmp/8", "write 443"),
        ("99999", "the highest is 65535"),
        ("1-" + "9" * 30, "write 443"),
        ("0", "the lowest is 1"),
        ("22-10", "runs backwards: write 10-22"),
        ("\u0662\u0662", "write 443"),
    ],
)
def test_a_port_that_is_none_is_refused_with_the_reason(
    at, mapper: Run, text: str, told: str
) -> None:
    made = mapper("public", "--snapshot", at("one", lab()), "--port", text)
    assert made.code == 2
    assert told in " ".join(made.err.split())


def test_pings_are_asked_for_by_their_protocol(at, mapper: Run) -> None:
    made = lab()
    made.group(
        "sg-web",
        [
            {
                "IpProtocol": "icmp",
                "FromPort": -1,
                "ToPort": -1,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            }
        ],
    )
    snapshot = at("one", made)
    assert answer(mapper, snapshot, "--port", "icmp")["rows"]
    assert not answer(mapper, snapshot, "--port", "tcp")["rows"]


def test_an_older_snapshot_that_is_not_there_is_wrong_usage(at, mapper: Run) -> None:
    made = mapper("public", "--snapshot", at("one", lab()), "--since", "nosuch")
    assert (made.code, "--since 'nosuch' is no folder" in made.err) == (2, True)


# --near


def near_all(mapper: Run, snapshot: Path) -> list[dict]:
    """Everything that is closed over IPv4, however many locks hold."""
    rows = answer(mapper, snapshot, "--near", "all")["rows"]
    return [row for row in rows if row["family"] == "ipv4"]


def test_near_names_the_only_lock_and_what_it_keeps_closed(at, mapper: Run) -> None:
    (row,) = answer(mapper, at("one", lab()), "--near")["rows"]
    assert (row["id"], row["verdict"], row["only_one"]) == (DARK, "no", True)
    assert [lock["name"] for lock in row["locks"]] == ["address"]
    assert row["if_open"]["ports"] == ["tcp/3389"]
    assert row["if_open"]["severity"] == "high"
    assert row["locks"][0]["place"].endswith("/item")


def test_what_would_be_open_has_columns_of_its_own(at, mapper: Run) -> None:
    """A row's own severity is that of something closed; the other one can be sorted by."""
    snapshot = at("one", lab())
    text = mapper("public", "-q", "--snapshot", snapshot, "--near", "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["severity"], row["if_open_severity"], row["lock_names"]) == (
        "info", "high", "address")  # fmt: skip
    assert row["if_open_ports"] == "tcp/3389"
    plain = mapper("public", "-q", "--snapshot", snapshot, "--format", "csv").out
    assert "if_open_severity" not in plain.splitlines()[0].split(",")


def test_an_account_has_its_name_beside_its_id_where_it_is_known(
    at, mapper: Run, tmp_path: Path
) -> None:
    snapshot = at("one", lab())
    config = tmp_path / "named.toml"
    config.write_text(f'[accounts]\n"{ACCOUNT}" = "shop"\n')
    for more, name in (((), None), (("--config", config), "shop")):
        rows = answer(mapper, snapshot, *more)["rows"]
        assert {row["account_name"] for row in rows} == {name}


def test_the_count_says_where_rows_share_a_line(at, mapper: Run) -> None:
    out = mapper("public", "-q", "--snapshot", at("one", lab())).out
    assert "2 rows on 1 line, 1 resource." in out
    made = lab()
    made.item("eni-web")["Ipv6Addresses"] = []
    assert "1 row, 1 resource." in mapper("public", "-q", "--snapshot", at("two", made)).out


def test_a_second_lock_takes_it_out_unless_all_is_asked(at, mapper: Run) -> None:
    made = lab()
    made.group("sg-dark", [])
    snapshot = at("one", made)
    assert answer(mapper, snapshot, "--near")["rows"] == []
    (row,) = near_all(mapper, snapshot)
    assert [lock["name"] for lock in row["locks"]] == ["address", "security group"]
    assert row["only_one"] is False
    assert row["if_open"]["ports"] == []
    assert "--near all" in mapper("public", "-q", "--snapshot", snapshot, "--near").out


def test_what_is_open_is_no_decoy(at, mapper: Run) -> None:
    made = lab()
    made.item("eni-dark")["Association"] = {"PublicIp": "198.51.100.9"}
    made.item("eni-dark")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "198.51.100.9"}
    assert near_all(mapper, at("one", made)) == []


@pytest.mark.parametrize(
    ("lock", "close"),
    [
        ("return route", lambda made: made.table("rtb-main", "vpc-1", [], main=True)),
        ("security group", lambda made: made.group("sg-web", [])),
        (
            "network ACL in",
            lambda made: made.acl(
                "acl-1", "vpc-1", [e for e in open_acl() if e["Egress"]], ("subnet-a",)
            ),
        ),
    ],
)
def test_each_lock_is_named(at, mapper: Run, lock: str, close: Callable[[Lab], None]) -> None:
    made = lab()
    close(made)
    (row,) = [row for row in near_all(mapper, at("one", made)) if row["id"] == WEB]
    assert [one["name"] for one in row["locks"]] == [lock]


FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:hello"


def function(*urls: dict) -> Lab:
    made = lab()
    item = {"FunctionName": "hello", "FunctionArn": FUNCTION}
    calls = {"list_function_url_configs": list(urls), "get_policy": Absent}
    made.add("lambda:function", "hello", FUNCTION, item, **calls)
    return made


def test_a_url_without_a_policy_is_near_and_a_function_without_a_url_is_not(
    at, mapper: Run
) -> None:
    url = {
        "FunctionArn": FUNCTION,
        "AuthType": "NONE",
        "FunctionUrl": "https://x.lambda-url.on.aws/",
    }
    rows = answer(mapper, at("one", function(url)), "--near", "--type", "function")["rows"]
    assert [[lock["name"] for lock in row["locks"]] for row in rows] == [["function policy"]]
    assert answer(mapper, at("two", function()), "--near", "--type", "function")["rows"] == []


def test_near_looks_for_ports_that_would_be_open(at, mapper: Run) -> None:
    snapshot = at("one", lab())
    assert answer(mapper, snapshot, "--near", "--port", "3389")["rows"]
    assert not answer(mapper, snapshot, "--near", "--port", "22")["rows"]


def test_a_nat_gateways_interface_is_never_near(at, mapper: Run) -> None:
    made = lab()
    made.eni(
        "eni-nat", "subnet-a", ("sg-dark",), public="198.51.100.8", InterfaceType="nat_gateway"
    )
    ids = {row["id"] for row in near_all(mapper, at("one", made))}
    assert ids == {DARK}
    made.eni("eni-nat", "subnet-a", ("sg-dark",))
    ids = {row["id"] for row in near_all(mapper, at("two", made))}
    assert ids == {DARK, arn("network-interface", "eni-nat")}


def test_the_key_of_a_decoy_is_explained(at, mapper: Run) -> None:
    snapshot = at("one", lab())
    (row,) = answer(mapper, snapshot, "--near")["rows"]
    text = mapper("explain", "-q", "--snapshot", snapshot, row["key"][:8]).out
    assert "One lock holds: address. Without it tcp/3389 would be open." in text
    assert "ec2/network-interface" in text
    made = mapper("explain", "-q", "--snapshot", snapshot, row["key"], "--format", "json").json
    VALIDATOR.validate(made)
    assert [lock["name"] for lock in made["rows"][0]["locks"]] == ["address"]


def test_two_locks_are_said_to_be_two(at, mapper: Run) -> None:
    made = lab()
    made.group("sg-dark", [])
    text = mapper("explain", "-q", "--snapshot", at("one", made), "internet", "i-dark").out
    assert (
        "2 independent locks, in the order in which they are met: address, security group." in text
    )


# --since


def since(mapper: Run, old: Path, new: Path, *more: object) -> dict[str, dict]:
    made = answer(mapper, new, "--since", old, *more)
    assert made["since"]["id"] == old.name
    return {f"{row['id'].rpartition('/')[2]} {row['mechanism']}": row for row in made["rows"]}


def test_nothing_has_changed(at, mapper: Run) -> None:
    assert since(mapper, at("old", lab()), at("new", lab())) == {}


def test_opened_closed_and_changed(at, mapper: Run) -> None:
    made = lab()
    made.group("sg-web", [allow("tcp/22"), allow("tcp/443")])
    made.item("eni-dark")["Association"] = {"PublicIp": "198.51.100.9"}
    made.item("eni-dark")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "198.51.100.9"}
    rows = since(mapper, at("old", lab()), at("new", made))
    found = {name: (row["change"], row["verdict"], row["stronger"]) for name, row in rows.items()}
    assert found == {
        "i-dark eni/ipv4": ("opened", "yes", True),
        "i-web eni/ipv4": ("changed", "yes", True),
        "i-web eni/ipv6": ("closed", "no", False),
    }
    assert "security group" in rows["i-web eni/ipv6"]["change_why"].lower()
    assert rows["i-web eni/ipv4"]["before"]["ports"] == ["tcp/22"]


def test_what_was_narrowed_to_a_range_is_not_told_as_closed_by_nothing(at, mapper: Run) -> None:
    def reason(*rules: object) -> str:
        after = lab()
        after.group("sg-web", list(rules))
        rows = since(mapper, at(f"old{len(rules)}", lab()), at(f"new{len(rules)}", after))
        row = rows["i-web eni/ipv4"]
        assert row["change"] == "closed"
        return str(row["change_why"])

    assert reason(allow("tcp/22", "198.51.100.0/25")).startswith(
        "Narrowed: still open to 198.51.100.0/25 "
    )
    assert "Narrowed" not in reason()


def test_what_was_closed_keeps_the_severity_that_it_had_in_the_table(at, mapper: Run) -> None:
    shut = lab()
    shut.group("sg-web", [])
    old, new = at("old", lab()), at("new", shut)
    assert "was high" in mapper("public", "-q", "--snapshot", new, "--since", old).out
    closed = next(iter(since(mapper, old, new).values()))
    assert (closed["severity"], closed["before"]["severity"]) == ("info", "high")
    back = mapper("public", "-q", "--snapshot", old, "--since", new)
    assert "was high" not in back.out


def test_a_thing_that_is_gone_is_closed_but_one_that_was_not_listed_is_not(at, mapper: Run) -> None:
    gone = lab()
    gone.remove("i-web")
    gone.remove("eni-web")
    old = at("old", lab())
    for row in since(mapper, old, at("new", gone)).values():
        assert row["change"] == "closed"
        assert "not there any more" in row["change_why"]
    # The twin: the same lines are missing, because the calls were refused.
    unseen = lab()
    unseen.remove("eni-web")
    rows = since(mapper, old, at("unseen", unseen, denied="ec2:instance"))
    assert {row["change"] for row in rows.values()} == {"unreadable"}
    assert all("describe_instances" in row["change_why"] for row in rows.values())


def test_a_verdict_that_is_not_known_any_more_is_unreadable(at, mapper: Run) -> None:
    blind = lab()
    blind.remove("sg-web")
    rows = since(mapper, at("old", lab()), at("new", blind))
    assert {row["change"] for row in rows.values()} == {"unreadable"}
    assert {row["verdict"] for row in rows.values()} == {"unknown"}


def test_fail_on_counts_what_opened_or_grew_stronger(at, mapper: Run) -> None:
    wider, narrower = lab(), lab()
    wider.group("sg-web", [allow("tcp/22"), allow("tcp/22", "::/0"), allow("tcp/23")])
    narrower.group("sg-web", [allow("tcp/22")])
    old, new, less = at("old", lab()), at("new", wider), at("less", narrower)

    def code(snapshot: Path, before: Path, verdict: str) -> int:
        options = ("--snapshot", snapshot, "--since", before, "--fail-on", verdict)
        return mapper("public", "-q", *options).code

    assert code(new, old, "yes") == 3
    assert code(old, new, "unknown") == 0
    assert code(less, old, "unknown") == 0
    assert code(old, less, "yes") == 3


def test_snapshots_that_tell_no_change_are_refused(at, mapper: Run) -> None:
    old, new = at("old", lab()), at("new", lab())
    outcome = mapper("public", "--snapshot", new, "--since", new)
    assert (outcome.code, outcome.err.strip()) == (
        2,
        "Error: Both snapshots are new: name an older one.",
    )
    manifest = json.loads((old / "manifest.json").read_text())
    (old / "manifest.json").write_text(json.dumps(manifest | {"finished": "2999-01-01T00:00:00Z"}))
    outcome = mapper("public", "--snapshot", new, "--since", old)
    assert outcome.code == 2
    assert "ask --snapshot old --since new" in outcome.err
    stranger = manifest | {"accounts": [{"id": "999988887777"}]}
    (old / "manifest.json").write_text(json.dumps(stranger))
    outcome = mapper("public", "--snapshot", new, "--since", old)
    assert outcome.code == 2
    assert "no account in common" in outcome.err


def test_a_change_is_compared_with_the_snapshot_that_it_changes(at, mapper: Run) -> None:
    snapshot = at("one", lab())
    file = f"accounts/{ACCOUNT}/{REGION}/ec2/security-group.jsonl"
    change = [{"op": "remove", "file": file, "id": arn("security-group", "sg-web")}]
    Path("change.json").write_text(json.dumps(change))
    rows = answer(mapper, snapshot, "--since", snapshot, "--what-if", "change.json")["rows"]
    assert {(row["id"], row["change"]) for row in rows} == {(WEB, "unreadable")}


def test_since_in_every_format(at, mapper: Run) -> None:
    closed = lab()
    closed.group("sg-web", [])
    old, new = at("old", lab()), at("new", closed)
    options = ("-q", "--snapshot", new, "--since", old.name, "--format")
    assert " closed (1)" in mapper("public", *options, "table").out.splitlines()
    assert "| closed |" in mapper("public", *options, "md").out
    head, *lines = mapper("public", *options, "csv").out.splitlines()
    assert {"change", "stronger", "weaker", "before_severity"} <= set(head.split(","))
    assert len(lines) == 2


def test_options_that_do_nothing_together_are_refused(at, mapper: Run) -> None:
    old = at("old", lab())
    for options in (
        ("--near", "--since", old),
        ("--near", "--fail-on", "yes"),
        ("--near", "--verdict", "yes"),
        ("--near", "--format", "targets"),
        ("--since", old, "--format", "targets"),
    ):
        assert mapper("public", "--snapshot", old, *options).code == 2, options
    assert mapper("public", "--snapshot", old, "--since", "nowhere").code != 0


def test_the_schema_tells_open_changed_and_near_rows_apart(at, mapper: Run) -> None:
    made = answer(mapper, at("one", lab()), "--near")
    bad = json.loads(json.dumps(made))
    bad["rows"][0]["verdict"] = "yes"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(bad)
    bad = json.loads(json.dumps(made))
    del bad["rows"][0]["locks"]
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(bad)


# Front doors that other modules judge


SERVICE = f"arn:aws:apprunner:{REGION}:{ACCOUNT}:service/web/0123456789abcdef0123456789abcdef"


def service(url: str = "abc.eu-west-1.awsapprunner.com") -> Lab:
    made = lab()
    network = {"IngressConfiguration": {"IsPubliclyAccessible": True}, "IpAddressType": "IPV4"}
    told = {"ServiceArn": SERVICE, "NetworkConfiguration": network}
    item = {"ServiceArn": SERVICE, "ServiceName": "web", "Status": "RUNNING"}
    if url:
        item["ServiceUrl"] = told["ServiceUrl"] = url
    made.add("apprunner:service", "web", SERVICE, item, describe_service={"Service": told})
    return made


def test_a_front_door_is_a_row_a_target_and_has_its_names(at, mapper: Run) -> None:
    snapshot = at("one", service())
    (row,) = [row for row in answer(mapper, snapshot)["rows"] if row["id"] == SERVICE]
    assert (row["mechanism"], row["ports"], row["severity"]) == (
        "apprunner/ipv4",
        ["tcp/443"],
        "low",
    )
    assert row["names"] == ["abc.eu-west-1.awsapprunner.com"]
    outcome = mapper("public", "--snapshot", snapshot, "--format", "targets")
    assert "abc.eu-west-1.awsapprunner.com:443" in outcome.out.splitlines()
    assert "No host name" not in outcome.err


def test_a_table_names_the_options_that_leave_rows_out(at, mapper: Run) -> None:
    snapshot = at("one", lab())
    options = ("--port", "22,443", "--type", "instance")
    narrowed = mapper("public", "-q", "--snapshot", snapshot, *options).out.splitlines()
    assert "Only --type instance --port 22,443." in narrowed
    assert "Only" not in mapper("public", "-q", "--snapshot", snapshot).out
    nothing = mapper("public", "-q", "--snapshot", snapshot, "--port", "443").out.splitlines()
    assert nothing[1:4] == [
        "",
        "0 rows, 0 resources. Everything that this needs was collected.",
        "Only --port 443.",
    ]


def test_a_door_without_a_name_is_said_not_to_be_a_target(at, mapper: Run) -> None:
    outcome = mapper("public", "--snapshot", at("one", service("")), "--format", "targets")
    assert "No host name or address is known of" in outcome.err
    assert SERVICE.rpartition("/")[2] in outcome.err


def test_what_may_stand_behind_listeners_that_were_not_read_has_a_row(at, mapper: Run) -> None:
    """A missing row would read as not exposed. The twin's listeners were read."""

    def asked(listeners: object, name: str, *more: str) -> Outcome:
        made = behind_alb()
        balancer(made, listeners=listeners, LoadBalancerName="front")
        made.item(GROUP)["LoadBalancerArns"] = [ALB]
        made.block_public_access("off")
        return mapper("public", "-q", "--snapshot", at(name, made), *more)

    refused = asked(Denied, "refused", "--format", "json").json
    VALIDATOR.validate(refused)
    verdicts = {row["id"]: row["verdict"] for row in refused["rows"]}
    assert verdicts == {WEB: "unknown", ALB: "unknown"}
    told = asked(Denied, "told", "--verdict", "unknown").out
    assert "not_collected:elbv2.describe_listeners(front)@" in told
    assert "arn:" not in told
    read = asked(None, "read", "--format", "json").json
    assert {row["id"]: row["verdict"] for row in read["rows"]} == {WEB: "yes", ALB: "yes"}
