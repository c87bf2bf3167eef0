"""What the tables of ``can`` and ``who-can`` say beside their rows; each claim with its twin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import asked_world as here
from tests.cli.test_can import GET, snapshot

__all__ = ["snapshot"]

NOWHERE = "arn:aws:s3:::nowhere/x"
NOBODY = "Nobody that was collected"


def edited(snapshot: Path, file: str, name: str, change) -> Path:
    """A ``--what-if`` file that changes one line of the snapshot."""
    lines = [json.loads(line) for line in (snapshot / file).read_text().splitlines()]
    line = next(line for line in lines if line["id"] == name)
    change(line["item"])
    path = snapshot.parent / "change.json"
    path.write_text(json.dumps([{"op": "replace", "file": file, "id": name, "line": line}]))
    return path


def alice_has(snapshot: Path, *statements) -> Path:
    def change(item):
        item["UserPolicyList"] = [{"PolicyName": "own", "PolicyDocument": here.doc(*statements)}]

    return edited(snapshot, f"accounts/{here.PROD}/global/iam/user.jsonl", here.ALICE, change)


def test_unknown_answers_are_not_nobody(snapshot, mapper):
    out = mapper("who-can", GET, NOWHERE).out
    assert NOBODY not in out
    assert "Nobody is known to be able to" in out
    assert " can too" not in out
    assert "--resource-account ID" in out
    twin = mapper("who-can", "s3:DeleteObject", "data").out
    assert NOBODY in twin
    assert "--resource-account" not in twin


def test_the_owner_that_is_named_settles_it(snapshot, mapper):
    out = mapper("who-can", GET, NOWHERE, "--resource-account", here.PROD).out
    assert "--resource-account" not in out
    assert "role/deploy" in out
    assert "user/alice" not in out


def test_what_the_verdict_filter_hides_is_said(snapshot, mapper):
    words = ("who-can", "iam:CreateUser")
    assert "2 can, 1 of them under conditions." in mapper(*words).out
    out = mapper(*words, "--verdict", "unknown").out
    assert NOBODY not in out
    assert "Not listed because of --verdict: 1 yes and 1 conditional." in out
    only = mapper(*words, "--verdict", "yes").out
    assert "1 can." in only
    assert "Not listed because of --verdict: 1 conditional." in only
    can = mapper("can", "alice", "iam:CreateUser", "--verdict", "no").out
    assert "Not listed because of --verdict: 1 conditional." in can


def test_unknown_rows_do_not_count_as_able(snapshot, mapper):
    out = mapper("who-can", GET, NOWHERE, "--verdict", "unknown").out
    assert " can." not in out
    assert "unknown" in out


def test_a_narrow_terminal_keeps_what_must_hold(snapshot, mapper, monkeypatch):
    condition = "Under: context:aws:MultiFactorAuthPresent=true"
    assert condition not in mapper("who-can", "iam:CreateUser").out
    monkeypatch.setenv("COLUMNS", "60")
    assert condition in mapper("who-can", "iam:CreateUser").out


def test_what_the_caller_chooses_is_shown(snapshot, mapper):
    passed = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    words = ("can", "alice", "iam:PassRole", here.DEPLOY, "--what-if")
    chosen = mapper(*words, alice_has(snapshot, here.allow("iam:PassRole", Condition=passed)))
    assert "the caller chooses" in chosen.out
    assert "iam:PassedToService=ec2.amazonaws.com" in chosen.out.replace("\n", "")
    plain = mapper(*words, alice_has(snapshot, here.allow("iam:PassRole")))
    assert "the caller chooses" not in plain.out


def test_a_deny_of_a_part_is_shown(snapshot, mapper):
    deny = {"Sid": "Part", "Effect": "Deny", "Action": "s3:GetObject", "Resource": f"{here.DATA}/a"}
    words = ("can", "alice", GET, "data", "--what-if")
    some = mapper(*words, alice_has(snapshot, here.allow("s3:*"), deny)).out
    assert "but not: inline policy own, statement 1 (Part) denies a part" in " ".join(some.split())
    other = {**deny, "Resource": f"{here.LOGS}/a"}
    assert "but not" not in mapper(*words, alice_has(snapshot, here.allow("s3:*"), other)).out


@pytest.mark.parametrize("command", ["can", "explain"])
@pytest.mark.parametrize("width", ["60", "120"])
def test_a_place_is_never_broken(snapshot, mapper, monkeypatch, command, width):
    monkeypatch.setenv("COLUMNS", width)
    place = "bucket.jsonl#arn:aws:s3:::data/calls/get_bucket_policy/value/Policy/Statement/0"
    out = mapper(command, here.OUTSIDE, GET, "data").out
    assert f"accounts/{here.PROD}/global/s3/{place}" in out


def test_a_place_in_a_file_is_whole(snapshot, mapper):
    assert mapper("can", "bob", "s3:Get*", "data", "-v", "-o", "file").code == 0
    place = "item/PolicyVersionList/0/Document/Statement/0"
    whole = f"accounts/{here.PROD}/global/iam/policy.jsonl#{here.ADMIN}/{place}"
    assert whole in Path("file").read_text()
    mapper("can", "bob", "s3:Get*", "data", "-o", "file")
    assert "Stands in" not in Path("file").read_text()


def test_each_table_names_its_snapshot_and_what_if(snapshot, mapper):
    change = alice_has(snapshot, here.allow("s3:*"))
    asked = (("can", "alice", GET, "data"), ("who-can", GET, "data"), ("can", "alice"),
             ("explain", "alice", GET, "data"), ("explain", "alice"), ("admins",))  # fmt: skip
    for words in asked:
        plain = mapper(*words).out
        assert "as if" not in plain
        assert "Snapshot test." in plain, words
        changed = " ".join(mapper(*words, "--what-if", change).out.split())
        assert f"Snapshot test, answered as if the 1 change of {change} had been made." in changed


def test_two_words_of_explain_ask_for_anything(snapshot, mapper):
    out = mapper("explain", "alice", "iam:CreateUser").out
    assert out == mapper("explain", "alice", "iam:CreateUser", "*").out
    assert out.startswith("conditional")
    assert mapper("explain", "alice", here.DEPLOY).out.startswith(f"{here.ALICE} to ")


def test_a_boundary_that_blocks_is_named(snapshot, mapper):
    out = mapper("explain", "bob", "iam:CreateUser", "*").out
    assert (
        "No statement of the permissions boundary (managed policy only-s3) allows it"
        in " ".join(out.split())
    )
    assert "only-s3" in mapper("can", "bob", "iam:CreateUser", "*").out
    assert "only-s3)" not in mapper("explain", "alice", "sqs:SendMessage", "*").out


def test_what_aws_refuses_is_a_sentence_about_the_caller(snapshot, mapper):
    out = mapper("explain", "anonymous", "iam:CreateUser", "*").out
    assert "an unsigned caller is not allowed: iam accepts signed requests only." in out.lower()
    assert "refuses it is" not in out


def layer(out: str, name: str) -> str:
    """The lines of one layer of a derivation, its mark first."""
    lines = out.splitlines()
    (start,) = [n for n, line in enumerate(lines) if line[4:].startswith(f"{name} ")]
    rest = [line.strip() for line in lines[start + 1 :]]
    more = [
        text for text, line in zip(rest, lines[start + 1 :], strict=True) if line[:10] == " " * 10
    ]
    return " ".join([lines[start].strip(), *more])


def test_a_layer_that_is_not_needed_does_not_stop(snapshot, mapper):
    allowed = layer(mapper("explain", "alice", GET, "data").out, "resource policy")
    assert allowed.startswith(". resource policy")
    assert "Not needed" in allowed
    refused = layer(mapper("explain", "alice", GET, "logs").out, "identity policies")
    assert refused.startswith("x identity policies")
    assert "Not needed" not in refused


def test_explain_shows_a_deny_of_a_part(snapshot, mapper):
    deny = {"Sid": "Part", "Effect": "Deny", "Action": "s3:GetObject", "Resource": f"{here.DATA}/a"}
    words = ("explain", "alice", GET, "data", "--what-if")
    some = mapper(*words, alice_has(snapshot, here.allow("s3:*"), deny)).out
    assert layer(some, "identity policies").startswith("~ ")
    assert "But not: inline policy own, statement 1 (Part)" in layer(some, "identity policies")
    plain = mapper(*words, alice_has(snapshot, here.allow("s3:*"))).out
    assert layer(plain, "identity policies").startswith("+ ")
    assert "But not" not in plain


def test_a_policy_that_was_not_read_is_not_called_absent(snapshot, mapper):
    none = layer(mapper("explain", "deploy*", GET, here.LOGS + "/x").out, "resource policy")
    assert none.startswith(". resource policy")
    assert "The resource has none." in none
    unread = layer(mapper("explain", "alice", GET, NOWHERE).out, "resource policy")
    assert "has none" not in unread
    assert "ot collected" in unread
    same = ("explain", "alice", GET, NOWHERE, "--resource-account", here.PROD)
    assert layer(mapper(*same).out, "resource policy").startswith("? ")


def test_a_collected_account_is_asked_about_as_a_whole(snapshot, mapper):
    own = mapper("can", here.PROD, GET, "data")
    assert "asked about as a whole" in own.err
    assert f"mapper who-can s3:GetObject 'arn:aws:s3:::data/*' --account {here.PROD}" in own.err
    assert "FullAWSAccess" not in own.out
    assert "Whoever owns the calling account" in own.out
    other = mapper("can", here.OUTSIDE, GET, "data")
    assert "as a whole" not in other.err


def test_an_account_that_nothing_names_is_an_error(snapshot, mapper):
    for words in (("can", "alice", GET, "data"), ("who-can", GET, "data"), ("can", "alice")):
        outcome = mapper(*words, "--account", "123412341234")
        assert (outcome.code, outcome.out) == (2, ""), words
        assert "123412341234 is not in this snapshot" in outcome.err
        assert mapper(*words, "--account", here.PROD).code == 0
    assert mapper("who-can", GET, "data", "--account", here.OUTSIDE).code == 0


@pytest.mark.parametrize(
    ("stated", "code", "said"),
    [
        ("aws:SourceIpp=203.0.113.7", 0, "Did you mean aws:sourceip?"),
        ("s3:prefixx=a", 0, "Did you mean s3:prefix?"),
        ("aws:SourceIp=here", 2, "'here' is not an IP address"),
        ("aws:MultiFactorAuthPresent=yes", 2, "'yes' is not true or false"),
        ("s3:max-keys=many", 2, "'many' is not a number"),
        ("aws:SourceIp=203.0.113.7", 0, ""),
        ("aws:MultiFactorAuthPresent=True", 0, ""),
        ("s3:max-keys=10", 0, ""),
        ("aws:RequestTag/team=blue", 0, ""),
        ("iam:PassedToService=ec2.amazonaws.com", 0, ""),
        ("sts:ExternalId=x", 0, ""),
        ("accounts.google.com:sub=x", 0, ""),
    ],
)
def test_context_keys_and_their_values_are_checked(snapshot, mapper, stated, code, said):
    outcome = mapper("can", "alice", GET, "data", "--context", stated)
    assert outcome.code == code
    assert said in outcome.err if said else outcome.err == ""


def test_near_names_in_any_case(snapshot, mapper):
    assert "Did you mean deploy?" in mapper("can", "alice", "iam:PassRole", "DEPLOI").err
    assert "deploy" in mapper("explain", "DEPLOI").err
    assert "deploy" not in mapper("explain", "QQQQQQ").err


def test_the_legend_of_counts(snapshot, mapper):
    assert "'all' where it is every one" in mapper("can", "alice").out


def test_of_equal_answers_explain_takes_the_one_that_was_asked_for(snapshot, mapper):
    limited = {"StringLike": {"aws:PrincipalTag/x": "y"}}
    words = ("explain", "alice", GET, "*", "--what-if")
    alike = alice_has(snapshot, here.allow("s3:*"))
    assert mapper(*words, alike).out.startswith("yes  user/alice in prod  s3:GetObject  *\n")
    weaker = (here.allow("s3:*", f"{here.DATA}/*"), here.allow("s3:*", Condition=limited))
    first = mapper(*words, alice_has(snapshot, *weaker)).out.splitlines()[0]
    assert first.startswith("yes  user/alice in prod  s3:GetObject  ")


def test_an_answer_without_a_statement_has_a_subject(snapshot, mapper):
    stranger = f"arn:aws:iam::{here.OUTSIDE}:role/x"
    out = mapper("can", stranger, "sts:GetCallerIdentity").out
    assert "role/x is allowed. AWS allows it to every signed caller." in out
    assert "Allowed by policy of data" in mapper("can", stranger, GET, "data").out


def test_a_batch_checks_values_too(snapshot, mapper, tmp_path):
    line = {"principal": "alice", "action": GET, "context": {"aws:SourceIp": "here"}}
    file = tmp_path / "lines"
    file.write_text(json.dumps(line))
    assert mapper("can", "--batch", file).code == 1
    file.write_text(json.dumps({**line, "context": {"aws:SourceIp": "203.0.113.7"}}))
    assert mapper("can", "--batch", file).code == 0
