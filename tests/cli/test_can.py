"""``can`` and ``who-can`` on a snapshot: words, verdicts, formats, exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import jsonschema
import pytest

import mapper.schema as schema_package
from tests.cli import asked_world as here

SCHEMA = json.loads(
    (Path(next(iter(schema_package.__path__))) / "mapper-1.schema.json").read_text()
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GET = "s3:GetObject"


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    for name in ("MAPPER_SNAPSHOT", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    folder = tmp_path / "snapshots" / "demo"
    folder.mkdir(parents=True)
    return here.write(folder)


@pytest.fixture
def ask(snapshot, mapper):
    """Run a command in JSON; its rows must be as the schema says."""

    def call(*words, code=0):
        outcome = mapper(*words, "--format", "json")
        assert outcome.code == code, outcome.err
        VALIDATOR.validate(outcome.json)
        return outcome.json

    return call


def verdict_of(answer):
    (row,) = answer["rows"]
    return row["verdict"]


def test_an_allow_is_yes_and_its_statement_is_cited_with_its_place(ask):
    (row,) = ask("can", "alice", GET, "arn:aws:s3:::data/report")["rows"]
    assert (row["verdict"], row["principal"], row["denied_by"]) == ("yes", here.ALICE, None)
    assert row["expression"] is True
    (cited,) = [one for one in row["statements"] if one["layer"] == "identity"]
    assert cited["effect"] == "Allow"
    assert cited["place"].startswith(f"accounts/{here.PROD}/global/iam/user.jsonl#{here.ALICE}/")
    assert (row["id"], row["account_id"]) == ("arn:aws:s3:::data/report", here.PROD)


def test_no_allow_is_no_and_names_the_layer(ask):
    (row,) = ask("can", "alice", GET, "arn:aws:s3:::logs/x")["rows"]
    assert (row["verdict"], row["denied_by"], row["explicit"]) == ("no", "identity", False)


@pytest.mark.parametrize(
    ("words", "layer"),
    [
        (("bob", "iam:CreateUser", "*"), "boundary"),
        (("bob", "s3:DeleteBucket", "data"), "scp"),
        (("bob", "s3:DeleteObject", "data"), "resource_policy"),
    ],
)
def test_each_layer_that_denies_is_named(ask, words, layer):
    (row,) = ask("can", *words)["rows"]
    assert (row["verdict"], row["denied_by"]) == ("no", layer)


def test_a_condition_is_named_and_settled_by_context_or_absence(ask):
    words = ("can", "alice", "iam:CreateUser", "*")
    (row,) = ask(*words)["rows"]
    assert row["conditions"] == ["context:aws:MultiFactorAuthPresent=true"]
    assert row["expression"]["key"] == "aws:MultiFactorAuthPresent"
    assert verdict_of(ask(*words, "--context", "aws:MultiFactorAuthPresent=true")) == "yes"
    assert verdict_of(ask(*words, "--context", "aws:multifactorauthpresent=false")) == "no"
    assert verdict_of(ask(*words, "--absent", "aws:MultiFactorAuthPresent")) == "no"
    assert verdict_of(ask(*words, "--absent", "all")) == "no"
    assert verdict_of(ask(*words, "--absent", "aws:SourceIp")) == "conditional"


def test_a_session_policy_limits(ask, tmp_path):
    policy = tmp_path / "session.json"
    policy.write_text(json.dumps(here.doc(here.allow("sqs:*"))))
    words = ("can", here.DEPLOY, GET, "data", "--session-policy", policy)
    (row,) = ask(*words)["rows"]
    assert (row["verdict"], row["denied_by"]) == ("no", "session")
    policy.write_text(json.dumps(here.doc(here.allow("s3:*"))))
    assert verdict_of(ask(*words)) == "yes"


def test_the_key_is_of_the_question(ask):
    first = ask("can", "alice", GET, "data")["rows"][0]["key"]
    assert ask("can", here.ALICE, "s3:getobject", "arn:aws:s3:::data/*")["rows"][0]["key"] == first
    with_more = ("--context", "aws:SourceIp=203.0.113.7")
    assert ask("can", "alice", GET, "data", *with_more)["rows"][0]["key"] != first
    assert ask("can", "alice", GET, "logs")["rows"][0]["key"] != first


def test_a_bucket_by_name_stands_for_its_objects_where_the_action_is_about_them(ask):
    assert ask("can", "alice", GET, "data")["rows"][0]["resource"] == f"{here.DATA}/*"
    assert ask("can", "alice", "s3:ListBucket", "data")["rows"][0]["resource"] == here.DATA


def test_anything_asks_each_collected_resource_and_any_other(ask):
    rows = ask("can", "alice", GET, "*")["rows"]
    verdicts = {row["resource"]: row["verdict"] for row in rows}
    assert verdicts[f"{here.DATA}/*"] == "yes"
    assert verdicts[f"{here.LOGS}/*"] == "no"
    assert "*" in verdicts
    assert [row["resource"] for row in ask("can", "alice", "s3:ListAllMyBuckets")["rows"]] == ["*"]


def test_assuming_anything_asks_for_each_role(ask):
    rows = ask("can", "alice", "sts:AssumeRole", "*")["rows"]
    assert [row["resource"] for row in rows if row["verdict"] == "yes"] == [here.DEPLOY]


def test_a_pattern_of_principals_gives_a_row_each(ask):
    rows = ask("can", "reader-*", GET, "logs")["rows"]
    assert len(rows) == here.READERS
    assert {row["verdict"] for row in rows} == {"yes"}


def test_a_pattern_of_actions_gives_a_row_for_each_that_fits_the_resource(ask, mapper):
    rows = ask("can", "alice", "s3:*Bucket", "data")["rows"]
    assert {row["action"] for row in rows if row["verdict"] == "yes"} == {"s3:ListBucket"}
    assert all(row["action"] != "s3:ListAllMyBuckets" for row in rows)
    table = mapper("can", "alice", "s3:*Bucket", "data").out
    assert "s3:ListBucket" in table
    assert "s3:CreateBucket" not in table
    assert "s3:CreateBucket" in mapper("can", "alice", "s3:*Bucket", "data", "--verdict", "no").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("alise", GET, "data"), "user/alice"),
        (("deploy", GET, "data"), f"arn:aws:iam::{here.MANAGEMENT}:role/deploy"),
        (("nobody-*", GET, "data"), "matches nobody"),
        (("alice", "GetObject", "data"), "SERVICE:NAME"),
        (("alice", "*", "*"), "mapper can PRINCIPAL"),
        (("alice", GET, "dat"), "Did you mean data"),
        (("alice", GET, "data", "--context", "mfa"), "--context aws:SourceIp=203.0.113.7"),
        (("alice", GET, "data", "--context", "mfa=true"), "--context aws:SourceIp=203.0.113.7"),
        (("alice", GET, "data", "--resource-account", "12"), "twelve digits"),
        (("alice", GET, "data", "--resource-account", "\uff11" * 12), "twelve digits"),
        (("alice", GET, "data", "--session-policy", "nowhere.json"), "nowhere.json"),
        (("alice", "--context", "aws:SourceIp=1.2.3.4"), "ACTION RESOURCE"),
        (("alice", "--service", "s33"), "Did you mean"),
        (("anonymous",), "not collected"),
        ((), "PRINCIPAL ACTION RESOURCE"),
        (("alice", "sqs:*", "data"), "None of the actions"),
        (
            ("alice", GET, "data", "--context", "aws:SourceIp=1.2.3.4", "--absent", "aws:sourceip"),
            "at once",
        ),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage_with_a_remedy(snapshot, mapper, words, said):
    outcome = mapper("can", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_too_many_questions_are_not_begun(snapshot, mapper, monkeypatch):
    monkeypatch.setattr("mapper.asking.MOST_QUESTIONS", 30)
    outcome = mapper("can", "*", GET, "*")
    assert (outcome.code, outcome.out) == (2, "")
    assert "mapper who-can" in outcome.err
    assert mapper("can", "reader-*", GET, "data").code == 0


def test_who_can_takes_no_session_policy(snapshot, mapper, tmp_path):
    policy = tmp_path / "session.json"
    policy.write_text(json.dumps(here.doc(here.allow("s3:*"))))
    assert mapper("who-can", GET, "data", "--session-policy", policy).code == 2


def test_an_account_settles_a_name_that_two_have(ask):
    rows = ask("can", "deploy", GET, "data", "--account", "prod")["rows"]
    assert [row["principal"] for row in rows] == [here.DEPLOY]


@pytest.mark.parametrize("action", ["s3:GetObjekt", "brandnew:DoIt", "brandnew:*"])
def test_an_action_newer_than_the_catalogue_is_answered_with_a_warning(snapshot, mapper, action):
    arn = f"arn:aws:{action.partition(':')[0]}:eu-west-1:{here.PROD}:x"
    outcome = mapper("can", here.DEPLOY, action, arn)
    assert outcome.code == 0
    assert "catalogue" in outcome.err
    assert "Allowed by managed policy AdministratorAccess" in outcome.out


def test_an_action_that_is_not_about_the_resource_is_said_so(snapshot, mapper):
    outcome = mapper("can", "alice", GET, here.DATA)
    assert "${BucketName}/${ObjectName}" in outcome.err
    assert mapper("can", "alice", GET, f"{here.DATA}/x").err == ""


def test_fail_on_counts(snapshot, mapper):
    assert mapper("can", "alice", GET, "data", "--fail-on", "yes").code == 3
    assert mapper("can", "alice", GET, "logs", "--fail-on", "unknown").code == 0
    assert mapper("who-can", GET, "data", "--fail-on", "conditional").code == 3


def test_what_was_not_collected_is_named_where_it_matters(tmp_path, snapshot, mapper, ask):
    folder = tmp_path / "snapshots" / "partial"
    folder.mkdir()
    here.write(folder, denied=[(here.PROD, "s3:bucket"), (here.MANAGEMENT, "sqs:queue")])
    missing = ask("can", "alice", GET, "data", "--snapshot", folder)["coverage"]["missing"]
    assert [(gap["account_id"], gap["service"]) for gap in missing] == [(here.PROD, "s3")]
    assert ask("can", "alice", "iam:CreateUser", "--snapshot", folder)["coverage"]["complete"]


def test_what_nobody_could_see_is_assumed_and_no_assume_makes_it_a_condition(ask, tmp_path, mapper):
    folder = tmp_path / "snapshots" / "alone"
    folder.mkdir()
    here.write(folder, organisation=False)
    words = ("can", "alice", "sts:AssumeRole", here.DEPLOY, "--snapshot", folder)
    (row,) = ask(*words)["rows"]
    assert row["verdict"] == "yes"
    assert f"scp:{here.PROD}" in row["assumes"]
    (row,) = ask(*words, "--no-assume")["rows"]
    assert row["verdict"] == "conditional"
    assert f"not_collected:scp:{here.PROD}" in row["conditions"]
    assert "Assumed absent" in mapper(*words).out


def test_who_gets_no_more_than_everyone_is_one_line(snapshot, mapper, tmp_path):
    file = f"accounts/{here.PROD}/global/s3/bucket.jsonl"
    lines = [json.loads(line) for line in (snapshot / file).read_text().splitlines()]
    logs = next(line for line in lines if line["id"] == here.LOGS)
    everyone = here.allow("s3:ListBucket", here.LOGS, Principal="*")
    policy = {"Policy": json.dumps(here.doc(everyone))}
    logs["calls"]["get_bucket_policy"] = {"status": "ok", "value": policy}
    change = tmp_path / "change.json"
    change.write_text(json.dumps([{"op": "replace", "file": file, "id": here.LOGS, "line": logs}]))
    out = mapper("who-can", "s3:ListBucket", "logs", "--what-if", change).out
    assert "internet" in out
    assert "role/reader-24" not in out
    assert "more" in out


def test_what_if_changes_the_answer(ask, tmp_path, snapshot):
    file = f"accounts/{here.PROD}/global/iam/user.jsonl"
    lines = [json.loads(line) for line in (snapshot / file).read_text().splitlines()]
    bob = next(line for line in lines if line["id"] == here.BOB)
    del bob["item"]["PermissionsBoundary"]
    change = tmp_path / "change.json"
    change.write_text(json.dumps([{"op": "replace", "file": file, "id": here.BOB, "line": bob}]))
    words = ("can", "bob", "iam:CreateUser", "*")
    assert verdict_of(ask(*words)) == "no"
    assert verdict_of(ask(*words, "--what-if", change)) == "yes"


def test_hostile_names_reach_no_terminal(snapshot, mapper):
    for words in (("can", "evil*", "sqs:SendMessage", "*"), ("who-can", "sqs:SendMessage")):
        outcome = mapper(*words)
        assert outcome.code == 0
        assert "evil" in outcome.out
        assert "\x1b" not in outcome.out
        assert "\u202e" not in outcome.out
    assert "\x1b" not in mapper("explain", here.HOSTILE, "sqs:SendMessage", "*", "-v").out
    assert "\x1b" not in mapper("can", here.HOSTILE).out


def test_a_table_of_one_says_why_where_and_how_to_go_on(snapshot, mapper):
    out = mapper("can", "alice", GET, "data").out
    for text in ("user/alice in prod", "yes", "inline policy own, statement 0", "Stands in",
                 "mapper explain alice s3:GetObject data"):  # fmt: skip
        assert text in out
    # A place is never broken, be it longer than the line.
    assert all(len(line) <= 120 or " " not in line for line in out.splitlines())


@pytest.mark.parametrize("form", ["csv", "md"])
def test_other_formats(snapshot, mapper, form):
    outcome = mapper("can", "alice", GET, "data", "--format", form)
    assert outcome.code == 0
    assert "s3:GetObject" in outcome.out


def test_who_can_writes_a_row_a_line(ask, mapper):
    outcome = mapper("who-can", GET, "data", "--format", "jsonl")
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    assert rows == ask("who-can", GET, "data")["rows"]
    assert len(rows) > 1


@pytest.mark.parametrize("command", ["can", "who-can"])
def test_help_says_what_verbose_shows(mapper, command):
    assert "Whole ARNs" in mapper(command, "--help").out
    assert "Whole ARNs" not in mapper("coverage", "--help").out


def test_who_can_is_everybody_whose_can_is_not_no(ask):
    found = {row["principal"] for row in ask("who-can", GET, "data", "--root")["rows"]}
    asked = {
        row["principal"] for row in ask("can", "*", GET, "data")["rows"] if row["verdict"] != "no"
    }
    assert found == asked | {f"account:{here.OUTSIDE}"}
    assert {here.ALICE, here.APP, here.BOB, here.DEPLOY} <= asked


def test_root_users_are_counted_and_listed_when_asked_for(ask):
    root = f"arn:aws:iam::{here.PROD}:root"
    plain = ask("who-can", GET, "logs")
    assert plain["totals"]["left_out"] == 1
    assert root not in {row["id"] for row in plain["rows"]}
    assert root in {row["id"] for row in ask("who-can", GET, "logs", "--root")["rows"]}


def test_many_alike_are_one_line(snapshot, mapper):
    out = mapper("who-can", GET, "logs").out
    assert "reader-00" in out
    assert f"and {here.READERS - 3} more" in out
    assert "reader-24" not in out
    assert "reader-24" in mapper("who-can", GET, "logs", "-v").out


def test_nobody_is_not_said_of_an_account_that_was_not_collected(snapshot, mapper, ask):
    words = ("who-can", "iam:PassRole", "arn:aws:iam::777788889999:role/*")
    out = mapper(*words).out
    assert "Nobody that was collected" not in out
    assert "not_collected:principals=777788889999" in out
    assert ask(*words)["totals"]["verdict"]["unknown"] == 1
    own = mapper("who-can", "iam:PassRole", f"arn:aws:iam::{here.PROD}:role/*").out
    assert "not_collected:principals" not in own


def test_nobody_is_said(snapshot, mapper):
    out = mapper("who-can", "s3:DeleteObject", "data").out
    assert "Nobody" in out


def test_what_a_principal_can_do_by_service_and_level(ask, mapper):
    answer = ask("can", "alice")
    by_service = {(row["service"], row["level"]): row for row in answer["rows"]}
    assert by_service["s3", "read"]["actions"] == [GET]
    assert by_service["s3", "read"]["reach"] == "some"
    assert by_service["s3", "read"]["resources"] == [f"{here.DATA}/*"]
    assert by_service["iam", "write"]["verdict"] == "conditional"
    assert answer["totals"]["actions"] == {"all": 1, "some": 2, "conditional": 1, "unknown": 0}
    out = mapper("can", "alice").out
    assert "MultiFactorAuthPresent" in out
    assert "mapper can PRINCIPAL ACTION RESOURCE" in out


def test_what_a_boundary_cuts_away_is_said(ask, mapper):
    totals = ask("can", "bob")["totals"]
    assert totals["cut"]["boundary"] > 10_000
    assert totals["cut"]["scp"] == 1
    assert "permissions boundary takes away" in mapper("can", "bob").out
    assert ask("can", "alice")["totals"]["cut"] == {}


def test_all_of_one_service(snapshot, mapper, ask):
    out = mapper("can", "alice", "--service", "s3").out
    assert "s3:GetObject" in out
    assert "iam:CreateUser" not in out
    rows = ask("can", "alice", "--service", "S3")["rows"]
    assert {row["service"] for row in rows} == {"s3"}


def test_everything_is_one_line(snapshot, mapper):
    out = mapper("can", f"arn:aws:iam::{here.MANAGEMENT}:root").out
    assert "Everything: every action of all" in out
    assert len(out.splitlines()) < 10


LINES = [
    {"id": "a", "principal": "alice", "action": GET, "resource": "arn:aws:s3:::data/x"},
    "nonsense",
    {"principal": "alice", "action": "iam:CreateUser", "absent": "all"},
    {"principal": "nobody", "action": GET},
    {
        "id": 7,
        "principal": "alice",
        "action": "iam:CreateUser",
        "context": {"aws:MultiFactorAuthPresent": True},
    },
    {"principal": "alice", "action": GET, "contxt": {}},
    {"principal": "reader-*", "action": GET, "resource": "logs"},
    [1],
    {"principal": "alice"},
    {
        "principal": here.DEPLOY,
        "action": GET,
        "resource": "data",
        "session_policies": [here.doc(here.allow("sqs:*"))],
    },
    {"principal": "alice", "action": GET, "context": {"aws:SourceIp": {}}},
    {"principal": "alice", "action": GET, "session_policies": ["{}"]},
    {"principal": "alice", "action": GET, "resource_account": "x"},
]


def batch_file(folder, lines=LINES):
    file = folder / "questions.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    file.write_text("\n\n".join(texts) + "\n")
    return file


def test_a_batch_answers_in_order_and_names_broken_lines(ask, tmp_path):
    answer = ask("can", "--batch", batch_file(tmp_path), code=1)
    told = [(row["line"], row.get("verdict", "broken")) for row in answer["rows"]]
    assert told == [
        (1, "yes"),
        (3, "broken"),
        (5, "no"),
        (7, "broken"),
        (9, "yes"),
        (11, "broken"),
        (13, "broken"),
        (15, "broken"),
        (17, "broken"),
        (19, "no"),
        (21, "broken"),
        (23, "broken"),
        (25, "broken"),
    ]
    rows = {row["line"]: row for row in answer["rows"]}
    assert (rows[1]["question_id"], rows[9]["question_id"]) == ("a", 7)
    assert "'context'" in rows[11]["error"]
    assert "25 principals" in rows[13]["error"]
    assert answer["totals"]["broken_lines"] == 9


def test_a_batch_without_broken_lines_is_done(ask, tmp_path):
    assert len(ask("can", "--batch", batch_file(tmp_path, LINES[:1]))["rows"]) == 1


def test_a_batch_streams_lines_from_stdin(snapshot, mapper, monkeypatch):
    lines = b"".join(json.dumps(line).encode() + b"\n" for line in (LINES[0], LINES[2]))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines + b"\xff\n")))
    outcome = mapper("can", "--batch", "-", "--format", "jsonl")
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    assert [row.get("verdict") for row in rows] == ["yes", "no", None]
    assert outcome.code == 1


def test_a_batch_in_a_table_and_its_exit_codes(snapshot, mapper, tmp_path):
    outcome = mapper("can", "--batch", batch_file(tmp_path, LINES[:1]), "--fail-on", "yes")
    assert outcome.code == 3
    assert "1 answers: 1 yes" in outcome.out
    assert mapper("can", "--batch", tmp_path / "nowhere").code == 2
    assert mapper("can", "alice", "--batch", batch_file(tmp_path)).code == 2
