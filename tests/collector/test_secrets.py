"""Secrets of many kinds and forms, planted wherever a declaration hides something, are found
neither in a snapshot, nor in one that is unfinished, nor in anything that is printed or logged.
"""

from __future__ import annotations

import copy
import json
import logging
import string
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_wire.faults import Fault
from aws_wire.identity import ACCOUNT, Estate
from aws_wire.process import environment
from aws_wire.server import Wire, WireServer
from collector.collect import collect
from collector.raw import import_raw
from collector.redact import Redactor
from collector.request import CollectError, CollectRequest, CollectResult, Progress
from collector.secret_documents import NoDocumentError, parsed
from collector.secret_scan import find
from collector.services import TYPES
from collector.snapshot import Snapshot
from collector_world import KEY
from planted_secrets import (
    EVERYTHING,
    IN_A_TEXT,
    NO_SECRETS,
    PACKINGS,
    WITH_A_FORMAT,
    WITH_A_NAME,
    Planted,
    as_line,
    found_in,
)
from planted_world import PlantedWorld, hiding
from secret_members import all_unhidden

REDACTOR = Redactor(KEY)
REGION = "us-east-1"
every_secret = pytest.mark.parametrize("planted", EVERYTHING, ids=lambda p: p.kind)
in_one_process = pytest.mark.xdist_group("planting")
every_packing = pytest.mark.parametrize("packing", list(PACKINGS))


def scanned(value: Any) -> Any:
    """What the scanner makes of a value at a path."""
    item = {"At": copy.deepcopy(value)}
    REDACTOR.scan(item, "At")
    return item["At"]


def template(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    function = {"Type": "AWS::Lambda::Function", "Properties": properties}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Fn": function}, **more}


# Values


@every_packing
def test_user_data_is_replaced_and_its_secret_is_named(packing: str) -> None:
    for planted in EVERYTHING:
        item: dict[str, Any] = {"UserData": {"Value": PACKINGS[packing](as_line(planted))}}
        REDACTOR.apply(item, "UserData.Value")
        assert not found_in(item, planted.secret), planted.kind
        assert item["UserData"]["Value"]["redacted"]["hits"], planted.kind


@every_packing
def test_packed_secrets_are_found_where_only_secrets_are_replaced(packing: str) -> None:
    for planted in EVERYTHING:
        packed = PACKINGS[packing](as_line(planted))
        found = scanned(packed)
        assert not found_in(found, planted.secret), planted.kind
        assert found != packed, planted.kind


@every_secret
def test_the_same_secret_has_the_same_hash_however_it_is_packed(planted: Planted) -> None:
    hashes = {
        REDACTOR.redacted(PACKINGS[packing](as_line(planted)))["redacted"]["hash"]
        for packing in ("plain", "packed", "wrapped", "zipped", "zipped_twice")
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("planted", WITH_A_FORMAT, ids=lambda p: p.kind)
def test_a_secret_alone_has_the_hash_of_the_same_environment_value(planted: Planted) -> None:
    told = REDACTOR.redacted(planted.secret)["redacted"]["hash"]
    shown = REDACTOR.text(f"Before it {planted.secret} after it")
    if shown.startswith("Before it <redacted") and shown.endswith("> after it"):
        assert told in shown
    assert told == REDACTOR.redacted(planted.secret)["redacted"]["hash"]


@every_secret
def test_pairs_of_name_and_value(planted: Planted) -> None:
    pair = {"name": planted.name or "SETTING", "value": planted.value}
    hidden: dict[str, Any] = {"environment": [dict(pair)]}
    REDACTOR.apply(hidden, "environment[].value")
    assert not found_in(hidden, planted.secret)
    assert hidden["environment"][0]["name"] == pair["name"]
    assert not found_in(scanned([pair]), planted.secret)
    tags = {"Tags": [{"Key": pair["name"], "Value": planted.value}, {"Key": "env", "Value": "a"}]}
    REDACTOR.scan(tags, "Tags[].Value")
    assert not found_in(tags, planted.secret)
    assert tags["Tags"][1] == {"Key": "env", "Value": "a"}


def test_a_malformed_answer_hides_nothing_less() -> None:
    for variables in ("DB_PASSWORD=hunter2", ["DB_PASSWORD=hunter2"], [{"a": "hunter2"}]):
        item = {"Environment": {"Variables": variables}}
        REDACTOR.apply(item, "Environment.Variables.*")
        assert not found_in(item, "hunter2")


def test_what_only_looks_redacted_is_redacted() -> None:
    item: dict[str, Any] = {"Variables": {"redacted": "hunter2"}}
    REDACTOR.apply(item, "Variables")
    assert not found_in(item, "hunter2")
    spoofed = {"redacted": {"length": 1, "hash": "password=hunter2", "hits": []}}
    assert not found_in(scanned(spoofed), "hunter2")


# Templates, definitions, documents


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump], ids=["json", "yaml"])
@every_secret
def test_templates_keep_their_structure(planted: Planted, write: Any) -> None:
    variables = {planted.name or "SETTING": planted.value}
    whole = template({"Role": {"Ref": "R"}, "Environment": {"Variables": variables}})
    found = scanned(write(whole))
    assert not found_in(found, planted.secret)
    properties = found["Resources"]["Fn"]["Properties"]
    assert properties["Role"] == {"Ref": "R"}
    assert found["Resources"]["Fn"]["Type"] == "AWS::Lambda::Function"


@every_secret
def test_scripts_in_templates(planted: Planted) -> None:
    script = {"Fn::Base64": {"Fn::Sub": f"#!/bin/sh\n{as_line(planted)}echo done\n"}}
    found = scanned(json.dumps(template({"ImageId": "ami-1", "UserData": script})))
    assert not found_in(found, planted.secret)
    assert found["Resources"]["Fn"]["Properties"]["ImageId"] == "ami-1"


@every_secret
def test_definitions_keep_their_states(planted: Planted) -> None:
    lambda_arn = "arn:aws:lambda:eu-west-1:111122223333:function:f"
    given = {planted.name or "setting": planted.value, "FunctionName": lambda_arn}
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": given}
    definition = {"StartAt": "One", "States": {"One": {**state, "End": True}}}
    found = scanned(json.dumps(definition))
    assert not found_in(found, planted.secret)
    assert found["States"]["One"]["Resource"] == state["Resource"]
    assert found["States"]["One"]["Parameters"]["FunctionName"] == lambda_arn


@pytest.mark.parametrize("planted", WITH_A_NAME, ids=lambda p: p.kind)
def test_defaults_and_arguments(planted: Planted) -> None:
    for value in (
        {"Parameters": {planted.name: {"Type": "String", "Default": planted.value}}},
        {"Parameters": {"P": {"Type": "String", "NoEcho": True, "Default": planted.value}}},
        {"Parameters": {"P": {"Type": "String", "NoEcho": "true", "Default": planted.value}}},
        {"Outputs": {planted.name: {"Value": planted.value}}},
        {"ParameterKey": planted.name, "ParameterValue": planted.value},
        {"Command": [f"--{planted.name.strip('-')}", planted.value]},
        # What begins with a dollar is a variable in a command.
        {"Command": [f"--{planted.name.strip('-')}={planted.value.replace('$H', 'H')}"]},
        {"V": {"Fn::Join": ["", ["a;", f"{planted.name}=", planted.value]]}},
        {"V": {"Fn::Sub": [f"{planted.name}=${{X}}", {"X": planted.value.replace("$H", "H")}]}},
        {planted.name: {"Fn::If": ["Prod", planted.value, {"Ref": "AWS::NoValue"}]}},
    ):
        assert not found_in(scanned(value), planted.secret.lstrip("$")), value
        assert found_in(value, planted.secret.lstrip("$"))


def test_a_default_that_names_a_parameter_stays() -> None:
    kind = "AWS::SSM::Parameter::Value<String>"
    value = {"Parameters": {"DBPassword": {"Type": kind, "Default": "/prod/db/password"}}}
    assert scanned(value) == value
    value["Parameters"]["DBPassword"]["Type"] = "String"
    assert scanned(value) != value


def test_an_echoed_default_stays() -> None:
    value = {"Parameters": {"P": {"Type": "String", "NoEcho": False, "Default": "blue"}}}
    assert scanned(value) == value


@pytest.mark.parametrize("name", NO_SECRETS)
def test_what_is_no_secret_stays_readable(name: str) -> None:
    value = NO_SECRETS[name]
    whole = template({name: value}, Outputs={name: {"Value": value}})
    assert scanned(json.dumps(whole)) == whole
    assert scanned(yaml.safe_dump(whole)) == whole
    tags = {"Tags": [{"Key": name, "Value": value}]}
    assert scanned(tags) == tags
    assert REDACTOR.text(f"{name}={value}\n") == f"{name}={value}\n"


def test_policies_stay_as_they_are() -> None:
    statement = {
        "Sid": "Tk9aUa7Lw0ePq2Zr5Xs8Vb1N",
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "sts:GetSessionToken"],
        "Resource": NO_SECRETS["SecretArn"],
        "Condition": {"StringEquals": {"aws:Referer": "Tk9aUa7Lw0ePq2Zr5Xs8Vb1N"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    whole = template({"Policy": policy, "AsText": json.dumps(policy)})
    assert scanned(json.dumps(whole)) == whole
    beside = template({"Policy": policy, "Password": "hunter2"})
    found = scanned(json.dumps(beside))
    assert found["Resources"]["Fn"]["Properties"]["Policy"] == policy
    assert not found_in(found, "hunter2")


def test_the_short_forms_of_templates() -> None:
    text = """
AWSTemplateFormatVersion: 2010-09-09
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Arn: !GetAtt Other.Arn
      Vpc: !ImportValue shared-vpc
      Name: !Sub "${AWS::StackName}-x"
      Account: 012345670123
      Time: 22:22
      MasterUserPassword: !Sub "{{resolve:secretsmanager:${Secret}::password}}"
"""
    found = scanned(text)
    assert found["AWSTemplateFormatVersion"] == "2010-09-09"
    assert found["Conditions"]["Prod"] == {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}
    assert found["Resources"]["Role"]["Properties"] == {
        "Arn": {"Fn::GetAtt": ["Other", "Arn"]},
        "Vpc": {"Fn::ImportValue": "shared-vpc"},
        "Name": {"Fn::Sub": "${AWS::StackName}-x"},
        "Account": "012345670123",
        "Time": "22:22",
        "MasterUserPassword": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}::password}}"},
    }


def test_scanning_twice_changes_nothing() -> None:
    for planted in EVERYTHING:
        once = scanned({"A": {planted.name or "B": planted.value}, "T": as_line(planted)})
        assert scanned(once) == once


def test_text_around_a_secret_stays() -> None:
    found = scanned("The database is postgres://app:hunter2@db:5432/x, call Bob")
    assert found.startswith("The database is postgres://app:<redacted length=7 hash=")
    assert found.endswith("@db:5432/x, call Bob")


# Hostile input


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a,*a,*a,*a,*a,*a]\n" for n in range(3)),
        "a0: &a0 [x,x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n},*a{n}]\n" for n in range(60)),
        "a: &a\n  b: *a\nc: d\n",
        "a: " + "[" * 5000 + "\nb: c\n",
        "a:\n" + "".join(" " * n + "b:\n" for n in range(1, 400)),
        "a:\n" + "- " * 5000 + "x\n",
        "? " * 5000 + "x\nb: c\n",
        '{"a":' * 10_000,
        "[" * 20_000,
        "a: !!python/object/apply:os.system [id]\nb: c\n",
        "a: !<!x> y\n<<: [1, 2]\nb: c\n",
        "a: " + "9" * 10_000 + "\nb: .inf\nc: 0x1F\n",
        '{"a": ' + "9" * 10_000 + ', "b": NaN}',
        "Content-Type: multipart/mixed; boundary=a\n\n" + "--a\n" * 20_000,
        "Content-Type: multipart/mixed\n\nx",
        'Content-Type: multipart/mixed; boundary=""\nContent-Transfer-Encoding: base64\n\n--\n\x00',
        "\x00\ud800\U0010ffff" * 1000,
    ],
    ids=str.__len__,
)
def test_hostile_texts_end_and_hide_what_stands_in_them(text: str) -> None:
    shown = scanned(text + "\npassword: hunter2-Zq\n")
    json.dumps(shown)
    assert not found_in(shown, "hunter2-Zq")
    REDACTOR.redacted(text)


@pytest.mark.parametrize(
    "piece",
    [
        *("a", " ", "a.", "eyJ", "eyJaaaaaaaaaa.", "password", "password=", "a://b:", "://"),
        *("curl -u ", "mysql -p ", "machine a login b password ", 'password="', "\n", "- ", "{"),
        *("-----BEGIN PRIVATE KEY-----\n", "net user ", "$1$", "chpasswd: list:\n", "xoxb-1-"),
        *(
            "arn:aws:",
            "identified by ",
            "password\t",
            "From \n",
            "aws key ",
            "set password for a =",
        ),
        *("key     ", "PuTTY-User-Key-File-2", "htpasswd -b ", "A: b\n", "${", "AKIA", "sig="),
    ],
)
def test_work_grows_with_the_text_and_not_faster(piece: str) -> None:
    """What is quadratic takes minutes for 128 KiB, what is linear a second."""
    text = piece * (128 * 1024 // len(piece))
    done = threading.Event()

    def work() -> None:
        find(text)
        done.set()

    threading.Thread(target=work, daemon=True).start()
    assert done.wait(60), "it takes far longer than reading it once"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_can_be_scanned_and_keeps_what_is_not_marked(text: str) -> None:
    spans = find(text)
    assert all(0 <= a.start < a.end <= len(text) for a in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    shown = REDACTOR.text(text)
    assert shown == text if not spans else shown != text


_PRINTABLE = st.characters(categories=("L", "N", "P", "S", "Zs"), codec="utf-8")
_LETTERS = st.sampled_from(string.ascii_letters)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(_PRINTABLE, max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(_LETTERS), inner),
        max_leaves=20,
    )
)
def test_yaml_and_json_of_one_structure_are_one(structure: Any) -> None:
    whole = {"a": structure, "b": 1}
    try:
        from_yaml = parsed(yaml.safe_dump(whole, allow_unicode=True))
    except NoDocumentError:
        return
    assert json.loads(json.dumps(parsed(json.dumps(whole)))) == whole
    assert _texts(from_yaml) == _texts(whole)


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _texts(inner) for key, inner in value.items()}
    return [_texts(inner) for inner in value] if isinstance(value, list) else str(value)


# Through the collector


NOT_PLAYED = {"mwaa:environment": "its host name has a prefix that no local server has"}


@dataclass
class Planting:
    """What came of collecting and importing a planted world."""

    world: PlantedWorld
    wire: Wire
    url: str
    live: CollectResult
    imported: CollectResult
    folder: Path
    lines: list[str]

    @property
    def secrets(self) -> set[str]:
        """Everything that was planted."""
        return {p.secret for placed in self.world.plants.placed.values() for p in placed}


def planted_types(*clients: str) -> tuple[str, ...]:
    """The types that hide something, those that they are found with, and those that share their
    calls; of all clients or of these."""
    chosen: set[str] = set()
    for declared in TYPES.values():
        wanted = not clients or declared.client in clients
        if wanted and hiding(declared) and declared.id not in NOT_PLAYED:
            chosen |= {declared.id, *declared.each_of}
            while declared.found_with:
                declared = TYPES[declared.found_with]
                chosen.add(declared.id)
    asked = {(TYPES[t].client, c.operation) for t in chosen for c in TYPES[t].lists}
    return tuple(
        t.id
        for t in TYPES.values()
        if t.id in chosen or any((t.client, c.operation) in asked for c in t.lists)
    )


def request(folder: Path, **changes: Any) -> CollectRequest:
    wanted = CollectRequest(
        regions=(REGION,),
        services=planted_types(),
        snapshots=folder,
        redaction_key=KEY,
        workers=4,
        processes=1,
    )
    return replace(wanted, **changes)


@pytest.fixture(scope="module")
def planting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planting]:
    folder = tmp_path_factory.mktemp("planted")
    world = PlantedWorld(folder / "raw")
    wire = Wire([world], Estate(accounts=(ACCOUNT,), regions=(REGION,)))
    server = WireServer(wire)
    lines: list[str] = []
    handler = _Keeping(lines)
    root = logging.getLogger()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
            patch.delenv(name, raising=False)
        for name, value in environment(server.url, ACCOUNT).items():
            patch.setenv(name, value)
        for name in OURS:
            logging.getLogger(name).addHandler(handler)
            logging.getLogger(name).setLevel(logging.DEBUG)
        before = list(root.handlers)
        live = collect(request(folder / "live"), _Told(lines))
        assert root.handlers == before
        imported = import_raw(folder / "raw", folder / "imported", redaction_key=KEY)
        for name in OURS:
            logging.getLogger(name).removeHandler(handler)
        yield Planting(world, wire, server.url, live, imported, folder, lines)
    server.stop()


OURS = ("collector", "graph", "queries", "viz", "mapper", "detect_secrets")


class _Keeping(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class _Told(Progress):
    """Keeps what the user is told."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def note(self, text: str) -> None:
        self.lines.append(text)


def leaks(folder: Path, secrets: set[str]) -> list[str]:
    """Files and the secrets that can be read in them."""
    return [
        f"{path.relative_to(folder)}: {secret}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for data in [path.read_bytes()]
        for secret in sorted(secrets)
        if found_in(data, secret)
    ]


@in_one_process
def test_every_declared_path_was_planted(planting: Planting) -> None:
    placed = {where.partition(" ")[0] for where in planting.world.plants.placed}
    assert placed | set(NOT_PLAYED) >= {t.id for t in TYPES.values() if hiding(t)}
    assert len(planting.secrets) >= 50


@in_one_process
def test_no_secret_is_in_the_snapshot(planting: Planting) -> None:
    assert any(
        item for _ in [0] for item in Snapshot.open(planting.live.path).items("ec2:instance")
    )
    assert leaks(planting.live.path, planting.secrets) == []


@in_one_process
def test_no_secret_is_in_an_imported_snapshot(planting: Planting) -> None:
    assert leaks(planting.folder / "raw", planting.secrets)
    assert planting.imported.items
    assert leaks(planting.imported.path, planting.secrets) == []


@in_one_process
def test_redactions_are_in_both_snapshots(planting: Planting) -> None:
    for path in (planting.live.path, planting.imported.path):
        held = [file for file in path.rglob("*.jsonl") if b"redacted" in file.read_bytes()]
        assert len(held) > 5


@in_one_process
def test_no_secret_is_said_or_logged(planting: Planting) -> None:
    told = "\n".join(planting.lines)
    told += repr((planting.live, planting.imported))
    assert [secret for secret in planting.secrets if found_in(told, secret)] == []


@in_one_process
def test_an_unfinished_snapshot_holds_no_secret(planting: Planting, tmp_path: Path) -> None:
    cancel = threading.Event()

    class Stopping(Progress):
        left = 4

        def finished(self, *_: Any) -> None:
            self.left -= 1
            if not self.left:
                cancel.set()

    with pytest.raises(CollectError) as stopped:
        collect(request(tmp_path, workers=1), Stopping(), cancel)
    assert stopped.value.path is not None
    assert (stopped.value.path / "journal.jsonl").read_bytes()
    assert any(path.suffix == ".jsonl" for path in stopped.value.path.rglob("*"))
    assert leaks(stopped.value.path, planting.secrets) == []
    assert not any(found_in(str(stopped.value), secret) for secret in planting.secrets)


@in_one_process
@pytest.mark.parametrize(
    "effect", ["truncated", "cut_text", "garbage", "unknown_shape", "wrong_type"]
)
def test_broken_answers_are_not_quoted(planting: Planting, tmp_path: Path, effect: str) -> None:
    planting.wire.faults.set(
        (Fault(effect=effect, client="ec2"), Fault(effect=effect, client="lambda"))
    )
    try:
        result = collect(request(tmp_path, services=planted_types("ec2", "lambda"), fresh=True))
    finally:
        planting.wire.faults.set(())
    assert leaks(result.path, planting.secrets) == []


@in_one_process
def test_the_words_of_an_error_are_scanned(planting: Planting, tmp_path: Path) -> None:
    planted = WITH_A_FORMAT[:8] + tuple(p for p in WITH_A_FORMAT if "://" in p.value)
    words = " and ".join(p.value.replace("\n", " ")[:120] for p in planted if len(p.value) < 120)
    fault = Fault(effect="error", client="lambda", code="InvalidThing", message=words, status=400)
    planting.wire.faults.set((fault,))
    try:
        result = collect(request(tmp_path, services=planted_types("lambda"), fresh=True))
    finally:
        planting.wire.faults.set(())
    secrets = {p.secret for p in planted if p.secret in words}
    assert secrets
    assert any("InvalidThing" in row.code for row in result.gaps)
    assert leaks(result.path, secrets) == []


@in_one_process
@pytest.mark.parametrize("flags", [["-v"], []])
def test_the_command_line_shows_no_secret(
    planting: Planting, tmp_path: Path, capfd: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    from mapper.cli import run

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        for name, value in environment(planting.url, ACCOUNT).items():
            patch.setenv(name, value)
        to = str(tmp_path / "snapshot")
        services = ",".join(planted_types("lambda", "ec2", "ssm"))
        wanted = ["--region", REGION, "--services", services]
        code = run(["collect", "--to", to, *wanted, *flags])
    assert code == 0
    assert Snapshot.open(tmp_path / "snapshot").manifest["accounts"]
    shown = capfd.readouterr()
    told = shown.out + shown.err
    assert told
    assert [secret for secret in planting.secrets if found_in(told, secret)] == []
    assert leaks(tmp_path, planting.secrets) == []


def test_a_crash_report_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mapper.crash import keep_traceback

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for planted in (*WITH_A_FORMAT, *IN_A_TEXT):
        try:
            try:
                raise ValueError(f"cannot read {planted.value}")
            except ValueError as problem:
                raise RuntimeError(planted.value) from problem
        except RuntimeError as problem:
            said = keep_traceback(problem)
        assert not found_in(said, planted.secret)
    reports = list(tmp_path.rglob("*RuntimeError.txt"))
    assert any("cannot read" in report.read_text() for report in reports)
    assert leaks(tmp_path, {p.secret for p in (*WITH_A_FORMAT, *IN_A_TEXT)}) == []


# What the declarations leave in the clear

_ALLOWED: tuple[tuple[str, str, str], ...] = (
    ("*", "*ClientToken", "makes a request that is repeated one request; gives no access"),
    ("*", "*clientToken", "the same"),
    ("*", "*lientRequestToken", "the same"),
    ("*", "*CreationToken", "the same"),
    ("*", "*UpdateToken", "says which version of an object is changed"),
    ("*", "*LockToken", "the same"),
    ("*", "*ViewVersionToken", "the same"),
    ("org:*", "*Name", "names and mail addresses of accounts are what is asked for"),
    ("org:*", "*Email", "the same"),
    ("org:*handshake", "*", "who was invited by whom"),
    ("agentcore:*", "*description", "a description; the other texts are scanned"),
    ("agentcore:gateway", "*instructions", "what a model is told of a tool"),
    ("bedrock:guardrail", "*", "a name and a description"),
    ("bedrock:agent", "*stopSequences*", "what ends an answer"),
    ("bedrock:agent", "*foundationModel", "a model's id"),
    ("bedrock:agent", "*overrideLambda", "a function's ARN"),
    ("bedrock:model", "*hyperParameters*", "numbers of a training"),
    ("bedrock:model", "*requestMetadataFilters*", "labels that choose requests"),
    ("budgets:action", "*Address", "who is told of a cost"),
    ("detective:graph", "*EmailAddress", "a member account's address"),
    ("gd:detector", "*Email", "a member account's address"),
    ("gd:detector", "*Ip*Address*", "an address"),
    ("gd:detector", "*CredentialUid", "an access key's id"),
    ("lakeformation:permissions", "*DataLakeSettings.Parameters*", "versions and switches"),
    ("mwaa:environment", "*Environment.Tags*", "tags"),
    ("aws:account-contact", "*", "whom to call about an account: personal, and no secret"),
    ("sso:*", "*", "who has access is what is asked for: personal, and no secret"),
    ("s3:bucket", "*KMSMasterKeyID", "the key's id"),
    ("s3:bucket", "*SSEKMS.KeyId", "the key's id"),
    ("backup:report-plan", "ReportSetting.ReportTemplate", "which of AWS's reports it is"),
    ("ssm:managed-instance", "IPAddress", "an address"),
    ("cognito:user-pool", "*ClientId", "in every page that signs in"),
    ("cognito:user-pool", "*PreTokenGeneration", "a function's ARN"),
    ("apigateway*", "*authorizerCredentials", "a role's ARN"),
    ("apigateway*", "*SelectionExpression", "names the part of a request"),
    ("batch:job-queue", "*nvironment", "an environment's ARN"),
    ("batch:*", "*credentialsParameter", "the ARN of a secret"),
    ("codebuild:project", "*registryCredential.credential", "the ARN of a secret"),
    ("ecs:*", "*taskDefinition", "an ARN"),
    ("ecs:task-definition", "*credentialsParameter", "the ARN of a secret"),
    ("ecs:task-definition", "*credentialSpecs[[]]", "the ARN of a file"),
    ("ecs:*", "*environment[[]].name", "the name of a variable"),
    ("ecs:*", "*environmentFiles*", "the ARN of an object in S3"),
    ("dlm:policy", "*ExcludeDataVolumeTags*", "tags that choose volumes"),
    ("dms:endpoint", "*ExternalTableDefinition", "columns of a table"),
    ("elasticbeanstalk:*", "ConfigurationTemplates[[]]", "names"),
    ("events:rule", "*RunCommandTargets*", "tags that choose instances"),
    ("events:rule", "*JobDefinition", "an ARN"),
    ("*", "*EcsParameters.Tags*", "tags of a task"),
    ("fsx:*", "*DomainJoinServiceAccountSecret", "the ARN of a secret"),
    ("glue:*", "*ScriptLocation", "a place in S3"),
    ("firehose:stream", "*Processors*", "ARNs of functions, sizes and expressions"),
    ("lightsail:*", "*passwordField", "the name of a form's field"),
    ("network-firewall:*", "*Definition*", "addresses and ports"),
    ("network-firewall:*", "*Definition", "addresses"),
    ("ram:share", "*permissionTemplateParameters*", "names of parameters"),
    ("sagemaker:*", "*ContentTemplate", "the form of a record"),
    ("ses:identity", "*DkimAttributes.Tokens*", "stand in public DNS"),
    ("wafv2:*", "*TokenDomains*", "domain names"),
)
"""``(type, path, why it is no secret)``."""


def test_what_may_be_a_secret_is_hidden_or_known_to_be_none() -> None:
    """By name and by botocore's own mark, over every output shape that is kept."""
    missing = [
        f"{type_id} {path}{' (marked sensitive)' if sensitive else ''}"
        for type_id, path, sensitive in all_unhidden()
        if not any(fnmatchcase(type_id, t) and fnmatchcase(path, p) for t, p, _ in _ALLOWED)
    ]
    assert missing == []
