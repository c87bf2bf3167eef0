"""Who denied, by AWS's documented words.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.denial import Denial, denial_of, denied_by

KINDS = {
    "service control policy": "scp",
    "resource control policy": "rcp",
    "permissions boundary": "boundary",
    "session policy": "session_policy",
    "identity-based policy": "identity_policy",
    "resource-based policy": "resource_policy",
    "VPC endpoint policy": "vpc_endpoint_policy",
}
HEAD = "User: arn:aws:iam::111122223333:user/John is not authorized to perform: ec2:DescribeVpcs"


@pytest.mark.parametrize(("name", "by"), KINDS.items())
def test_each_kind_of_policy_is_told_in_both_ways(name: str, by: str) -> None:
    article = "an" if name[0] == "i" else "a"
    assert denial_of(f"{HEAD} with an explicit deny in {article} {name}") == Denial(by, True)
    assert denial_of(f"{HEAD} because no {name} allows the ec2:DescribeVpcs action") == Denial(
        by, False
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("with an explicit deny in a sessions policy", Denial("session_policy", True)),
        ("with an explicit deny in the role trust policy", Denial("resource_policy", True)),
        (
            "because no role trust policy allows the sts:AssumeRole action",
            Denial("resource_policy", False),
        ),
        (
            "with an explicit deny in a VPC endpoint policy transitively through a service "
            "control policy",
            Denial("scp", True),
        ),
        (
            "with an explicit deny in a service control policy: "
            "arn:aws:organizations::111122223333:policy/o-a/service_control_policy/p-b",
            Denial("scp", True),
        ),
        ("with an explicit deny", Denial("explicit", True)),
        ("because no lake formation policy allows the x action", Denial("implicit", False)),
        ("on resource: *", Denial()),
        ("", Denial()),
    ],
)
def test_other_words(words: str, expected: Denial) -> None:
    assert denial_of(f"{HEAD} {words}") == expected


@pytest.mark.parametrize(
    "message",
    [
        "You are not authorized to perform this operation.",
        "You are not authorized to perform this operation. Encoded authorization failure "
        "message: (left out)",
        "Access Denied",
        "Rate exceeded",
        "",
    ],
)
def test_nothing_is_concluded_where_aws_says_nothing(message: str) -> None:
    assert denied_by(message) == ""
    assert denial_of(message).words == ""
    assert denial_of(message).policy_would_help


def test_a_policy_helps_only_where_none_allows() -> None:
    def helps(words: str) -> bool:
        return denial_of(f"{HEAD} {words}").policy_would_help

    assert helps("because no identity-based policy allows the x:Y action")
    assert not helps("with an explicit deny in an identity-based policy")
    assert not helps("because no service control policy allows the x:Y action")
    assert not helps("because no permissions boundary allows the x:Y action")
    assert not helps("because no session policy allows the x:Y action")
    assert not helps("with an explicit deny")


def test_lines_may_break_anywhere() -> None:
    assert denied_by(f"{HEAD} with an explicit\n deny in a service\ncontrol policy") == "scp"


resource_names = st.text(max_size=200) | st.sampled_from(
    [f"with an explicit deny in a {name}" for name in KINDS]
)


@given(resource_names, st.sampled_from(sorted(KINDS)), st.booleans())
def test_a_resource_cannot_be_named_so_that_another_seems_to_deny(
    resource: str, name: str, explicit: bool
) -> None:
    words = (
        f"with an explicit deny in a {name}"
        if explicit
        else f"because no {name} allows the a:B action"
    )
    assert denial_of(f"{HEAD} on resource: {resource} {words}") == Denial(KINDS[name], explicit)


@given(st.text(max_size=600))
def test_any_text_is_read(message: str) -> None:
    denial = denial_of(message)
    assert (denial.explicit is None) == (denial.by == "")
