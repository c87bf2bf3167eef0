"""Lines for a scanner hold addresses and host names, whatever AWS's text is."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.targets import host_of
from network.aws_shapes import allow, exposed
from network.test_load_balancers import balancer, behind_alb, listener
from snapshot_files import write_snapshot


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:DB8::0:1", "[2001:db8::1]"),
        ("web-1.eu-west-1.elb.amazonaws.com", "web-1.eu-west-1.elb.amazonaws.com"),
        ("_dmarc.Example.com.", "_dmarc.Example.com."),
        ("localhost", "localhost"),
        ("a" * 63 + ".com", "a" * 63 + ".com"),
    ],
)
def test_addresses_and_host_names_are_targets(text: str, written: str) -> None:
    assert host_of(text) == written


@pytest.mark.parametrize(
    "text",
    [
        "-oProxyCommand=x",
        "-v",
        "$(id)",
        "1.2.3.4\n5.6.7.8",
        "1.2.3.4\n",
        "example.com\n",
        "example.com:22",
        "example.com/24",
        "1.2.3.4/24",
        "1.2.3",
        "010.1.2.3",
        "fe80::1%$(id)",
        "fe80::1%eth0",
        "*.example.com",
        "a..b",
        "a-.com",
        "a" * 64 + ".com",
        "b\u00fccher.example",
        "\u0661.2.3.4",
        "\u202eexample.com",
        " example.com",
        "",
    ],
)
def test_other_text_is_not(text: str) -> None:
    assert host_of(text) is None


@given(st.one_of(st.text(max_size=40), st.text("-.ab1:%\n$[] ", max_size=40)))
def test_a_target_is_one_word_that_is_no_option(text: str) -> None:
    written = host_of(text)
    if written is not None:
        assert written.isascii()
        assert len(written.split()) == 1
        assert written[0] != "-"


@given(st.ip_addresses())
def test_every_address_is_a_target(address: ipaddress.IPv4Address) -> None:
    written = host_of(str(address))
    assert written is not None
    assert ipaddress.ip_address(written.strip("[]")) == address


def test_what_is_left_out_is_counted(tmp_path, mapper) -> None:
    lab = exposed()
    for number, public in enumerate(["-oProxyCommand=x", "$(id)", "1.2.3.4\n5.6.7.8"]):
        private = f"10.0.0.{60 + number}"
        lab.eni(
            f"eni-{number}",
            "subnet-a",
            ("sg-web",),
            private=private,
            public=public,
            instance=f"i-{number}",
        )
        lab.instance(f"i-{number}", (f"eni-{number}",))
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    write_snapshot(tmp_path, rows, list(lab.ledger()))
    outcome = mapper("public", "--snapshot", tmp_path, "--format", "targets")
    assert outcome.out == "198.51.100.7:22\n"
    assert "3 left out, being neither an address nor a host name" in outcome.err
    assert "\n5.6.7.8" not in outcome.err


def test_nothing_is_said_where_nothing_is_left_out(tmp_path, mapper) -> None:
    lab = exposed()
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    write_snapshot(tmp_path, rows, list(lab.ledger()))
    outcome = mapper("public", "--snapshot", tmp_path, "--format", "targets")
    assert outcome.out == "198.51.100.7:22\n"
    assert "left out" not in outcome.err


def test_what_is_not_in_service_is_a_target_only_where_it_was_asked_for(tmp_path, mapper) -> None:
    lab = exposed()

    def targets(*more: str) -> tuple[str, str]:
        rows = {key: list(found.values()) for key, found in lab.lines.items()}
        place = tmp_path / str(len(list(tmp_path.iterdir())))
        write_snapshot(place, rows, list(lab.ledger()))
        made = mapper("public", "--snapshot", place, "--format", "targets", *more)
        return made.out, made.err

    out, err = targets("--verdict", "dormant")
    assert (out, "in service" in err) == ("", False)
    lab.item("i-web")["State"]["Name"] = "stopped"
    out, err = targets()
    assert out == ""
    assert "Left out, not in service now (--verdict dormant lists them): " in err
    assert err.rstrip().endswith(": i-web")
    out, err = targets("--verdict", "dormant")
    assert out == "198.51.100.7:22\n"
    assert "may be somebody else's by now" in err


def test_what_stands_behind_a_door_is_a_target_by_the_doors_ports(tmp_path, mapper) -> None:
    """Listener 443 leads to the machine, 444 answers by itself."""
    lab = behind_alb()
    lab.item("sg-lb")["IpPermissions"] = [allow("tcp/443-444")]
    fixed = listener(2, 444, actions=[{"Type": "fixed-response", "Order": 1}])
    balancer(lab, listeners=[listener(), fixed], DNSName="web.example.com")
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    write_snapshot(tmp_path, rows, list(lab.ledger()))

    def targets(*more: str) -> str:
        return mapper("public", "--snapshot", tmp_path, "--format", "targets", *more).out

    assert targets() == "web.example.com:443-444\n"
    assert targets("--type", "instance") == targets("--port", "8080") == "web.example.com:443\n"
    assert targets("--port", "444") == "web.example.com:444\n"
    assert targets("--type", "instance", "--port", "444") == ""
