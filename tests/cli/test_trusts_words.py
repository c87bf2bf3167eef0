"""What lines of ``mapper trusts`` call whoever starts, what is reached and what it gives."""

from __future__ import annotations

from typing import Any

import pytest

from graph.verdict import Answer, Verdict
from mapper.explaining_gains import gains_of
from mapper.output.sheet import Sheet
from mapper.output.table import as_table
from mapper.output.trusts import COLUMNS, cells, lines_of, of_everyone
from queries.answers.chains_wanted import names_of_end, names_of_start
from queries.answers.parties import Parties
from queries.answers.row import Row

PROD, NOBODY = "111111111111", "999988887777"
PARTIES = Parties(collected=frozenset({PROD}), own={PROD: "prod"})
ROLE = f"arn:aws:iam::{PROD}:role/reader"
GITHUB = f"arn:aws:iam::{PROD}:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "context:token.actions.githubusercontent.com:sub=repo:acme/web:*"
AUDIENCE = "context:token.actions.githubusercontent.com:aud=sts.amazonaws.com"
TITLES = [column.title for column in COLUMNS]
SNAPSHOT = "arn:aws:ec2:eu-west-1::snapshot/snap-1"


def row(start: str = f"account:{NOBODY}", *conditions: str, **own: Any) -> Row:
    kind = own.pop("kind", "AWS::IAM::Role")
    reached = own.pop("to", ROLE)
    hop = "CAN_ASSUME" if kind == "AWS::IAM::Role" else "CAN_ACCESS"
    verdict = Verdict.CONDITIONAL if conditions else Verdict.YES
    step = {"verdict": str(verdict), "conditions": list(conditions), "guards": []}
    given: dict[str, Any] = {
        "from": start,
        "from_name": None,
        "from_account": None,
        "to": reached,
        "mechanism": "create-volume-permission",
        "hops": [{"id": reached, "type": hop}],
        "steps": [step],
        "outside": "unknown",
        "vendor": None,
        "ends_in": reached,
        "admin_of": [],
        "data": None,
        "last_used": None,
        "level": None,
        "actions": [],
    }
    return Row(
        key="0" * 20,
        id=reached,
        name="reader" if hop == "CAN_ASSUME" else "handover",
        resource_type=kind,
        account_id=PROD,
        region=None,
        answer=Answer(verdict, "Because.", conditions=tuple(conditions)),
        severity="high",
        own={**given, **own},
    )


def told(one: Row) -> dict[str, str]:
    """The cells of a row alone; of columns of one title the one that stands in the table."""
    (line,) = lines_of([one])
    return dict(reversed(list(zip(TITLES, cells(line, PARTIES), strict=True))))


@pytest.mark.parametrize(
    ("start", "own", "who", "whose"),
    [
        ("any-aws-principal", {}, "any-aws-principal", "anyone"),
        ("internet", {}, "internet", "anyone"),
        (f"account:{NOBODY}", {}, NOBODY, "unknown"),
        (f"arn:aws:iam::{NOBODY}:user/bob", {}, "bob", f"{NOBODY} (unknown)"),
        (GITHUB, {"outside": "vendor"}, "GitHub Actions", "identity provider in prod"),
        (
            f"arn:aws:iam::{PROD}:saml-provider/okta",
            {},
            "okta (SAML)",
            "identity provider in prod",
        ),
        (
            "federated:cognito-identity.amazonaws.com",
            {"outside": "vendor"},
            "Cognito identity pools",
            "identity provider",
        ),
        (
            "principal-set:1",
            {"outside": "own", "from_name": f"19 principals of {PROD}", "from_account": PROD},
            "19 principals",
            "prod",
        ),
        ("org:o-other", {"from_account": PROD}, "org:o-other", "unknown"),
    ],
)
def test_who_starts_is_called_as_a_reader_knows_it(
    start: str, own: dict[str, Any], who: str, whose: str
) -> None:
    found = told(row(start, **own))
    assert (found["From"], found["Of"]) == (who, whose)


def test_whose_tokens_a_provider_gives_stands_beside_it_and_not_below() -> None:
    found = told(row(GITHUB, AUDIENCE, SUBJECT))
    assert found["From"] == "GitHub Actions repo:acme/web:*"
    assert found["Under"] == AUDIENCE
    other = told(row(f"account:{NOBODY}", SUBJECT))
    assert other["Under"] == SUBJECT


@pytest.mark.parametrize(
    ("kind", "own", "what", "gives"),
    [
        (
            "AWS::EC2::Snapshot",
            {"level": "read", "actions": ["ec2:CreateVolume"]},
            "handover (snapshot)",
            "copy (create-volume-permission)",
        ),
        (
            "AWS::S3::Bucket",
            {"level": "read", "actions": ["s3:GetObject"], "mechanism": "bucket-policy"},
            "handover (bucket)",
            "read (bucket-policy)",
        ),
        (
            "AWS::RDS::DBSnapshot",
            {"level": "write", "mechanism": "x"},
            "handover (DB snapshot)",
            "write (x)",
        ),
        ("AWS::IAM::Role", {}, "reader", "the role"),
    ],
)
def test_a_share_says_what_it_is_and_by_what_it_is_shared(
    kind: str, own: dict[str, Any], what: str, gives: str
) -> None:
    found = told(row(kind=kind, to=ROLE if "Role" in kind else SNAPSHOT, **own))
    assert (found["To"], found["Gives"]) == (what, gives)


def data(sure: int, unsure: int, verdict: str = "yes", **more: Any) -> dict[str, Any]:
    things = [
        {"id": f"arn:aws:s3:::{n}", "name": f"{n}", "level": "read", "verdict": verdict,
         "resources": 1, "sensitive": False}
        for n in range(min(sure + unsure, 20))
    ]  # fmt: skip
    return {
        "level": "read",
        "resources": sure + unsure,
        "conditional": unsure,
        "sensitive": False,
        "verdict": verdict,
        "examples": [],
        "things": things,
        **more,
    }


@pytest.mark.parametrize(
    ("held", "gives"),
    [
        (data(3, 0), "read on 3"),
        (data(1, 2), "read on 1, 2 more under conditions"),
        (data(0, 2, "conditional"), "read on 2 under conditions"),
        (data(2, 0, "unknown"), "read on 2 (unknown)"),
        (data(1, 0, sensitive=True), "read on 1, sensitive"),
    ],
)
def test_what_is_had_under_conditions_is_counted_apart(held: dict[str, Any], gives: str) -> None:
    assert told(row(data=held))["Gives"] == gives


def test_explain_names_what_a_role_gives() -> None:
    first, *rest = gains_of(row(data=data(1, 0)))
    assert first == "What reader gives that its caller has not anyway:"
    assert rest == ["  yes: read arn:aws:s3:::0"]
    assert list(gains_of(row(data=data(25, 0))))[-1] == (
        "  and 5 more: mapper query data-behind-trusts"
    )
    assert list(gains_of(row())) == []


def test_a_role_not_used_in_the_days_that_aws_remembers_is_no_never() -> None:
    assert told(row(unused="never"))["Last used"] == "not in 400 days"
    assert told(row(unused="2026-01-02"))["Last used"] == "2026-01-02"


@pytest.mark.parametrize("width", [60, 80, 115, 116, 140])
def test_ids_of_accounts_are_never_broken(width: int) -> None:
    rows = [
        row(f"account:{NOBODY}"),
        row(f"arn:aws:iam::{NOBODY}:user/a-user-with-a-long-name", "secret:sts:ExternalId"),
        row(f"arn:aws:iam::{NOBODY}:role/x", to=f"arn:aws:iam::{NOBODY}:role/crossing"),
    ]
    texts = [cells(line, PARTIES) for line in lines_of(rows)]
    printed = as_table(Sheet("", COLUMNS, texts), width=width)
    assert printed.count(NOBODY) == sum(text.count(NOBODY) for text in map(_seen(width), texts))


def _seen(width: int) -> Any:
    """What of a line's cells a table of this width prints."""
    kept = [
        n
        for n, one in enumerate(COLUMNS)
        if one.least <= width or (one.below and not 0 < one.until <= width)
    ]
    return lambda text: " ".join(text[n] for n in kept)


@pytest.mark.parametrize(
    "name",
    ["github", "GitHub Actions", "acme/web", "acme", "repo:acme/web:*", "prod", GITHUB],
)
def test_an_identity_provider_is_found_by_its_name_and_by_whose_tokens_it_takes(name: str) -> None:
    assert name.casefold() in names_of_start(row(GITHUB, SUBJECT), PARTIES)
    assert name.casefold() not in names_of_start(row(f"account:{NOBODY}"), PARTIES)


def test_other_ends_are_found_by_name_too() -> None:
    assert {"reader", "prod", PROD, ROLE.casefold()} <= names_of_end(row(), PARTIES)
    assert {"o-other", "org:o-other"} <= names_of_start(row("org:o-other"), PARTIES)


def test_what_everyone_may_assume_is_said_below() -> None:
    (note,) = of_everyone([row("any-aws-principal"), row()])
    assert note.startswith("Everyone may assume reader: ")
    assert of_everyone([row(), row("any-aws-principal", "secret:sts:ExternalId")]) == []
