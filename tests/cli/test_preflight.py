"""``mapper preflight``: what will be denied, and what to ask for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aws_server import Front, MotoServer
from collector.actions import needed_by, operations_of
from collector.job import groups
from collector.policy_documents import MANAGED_LIMIT, lacking, reading_policies, size_of
from collector.request import CollectRequest
from collector_world import ENVIRONMENT, World
from mapper.cli import run
from tests.cli.conftest import Outcome
from tests.cli.test_answers import VALIDATOR
from tests.collector.gatekeeper import ALLOWED, BY_SCP, DENIED, Gatekeeper, because

NARROW = ("--services", "kms,sns", "--region", "us-east-1")
ASSESSOR = "111122223333"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials, no network, no settings of the user."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "MAPPER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mapper(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run(["preflight", *map(str, arguments)])
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return call


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    server = MotoServer()
    yield World(server)
    server.stop()


@pytest.fixture
def gate(world: World, nowhere: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gatekeeper]:
    front = Front(world.server.port)
    front.rule = Gatekeeper(simulate=lambda *_: ALLOWED)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", front.url)
    yield front.rule
    front.stop()


def flat(text: str) -> str:
    return " ".join(text.split())


# What will be denied


def test_what_is_denied_and_by_whom_stands_in_the_table(gate: Gatekeeper, mapper) -> None:
    gate.simulate = lambda action, _: DENIED if action == "kms:GetKeyPolicy" else ALLOWED
    outcome = mapper(*NARROW)
    assert outcome.code == 0, outcome.err
    text = flat(outcome.out)
    assert "get_key_policy: no identity policy allows" in text
    assert "You are arn:aws:iam::123456789012:user/alice." in text
    assert "1 account can be collected: 123456789012." in text
    assert "1 open (us-east-1)" in text
    assert "mapper preflight --policy --delta" in text
    assert "missing from: admins, admins --compute, can, public, trusts, who-can; " in text
    assert "sns" not in outcome.out.partition("You are")[0]
    assert "sns" in mapper(*NARROW, "-v").out.partition("You are")[0]


def test_its_twin_is_denied_nothing(gate: Gatekeeper, mapper) -> None:
    text = flat(mapper(*NARROW).out)
    assert "No denial was met;" in text
    assert "Next: mapper collect --region us-east-1 --services kms,sns" in text
    assert "--delta" not in text


def test_the_json_is_complete_and_as_the_schema_says(gate: Gatekeeper, mapper) -> None:
    gate.simulate = lambda action, _: DENIED if action == "kms:GetKeyPolicy" else ALLOWED
    whole = mapper(*NARROW, "--format", "json").json
    VALIDATOR.validate(whole)
    rows = {f"{row['service']}.{row['operation']}": row for row in whole["rows"]}
    request = CollectRequest(services=("kms", "sns"))
    types = [declared.id for group in groups(request.type_ids) for declared in group]
    assert set(rows) == {".".join(operation) for operation in operations_of(types)}
    denied = rows["kms.get_key_policy"]
    assert denied["actions"] == ["kms:GetKeyPolicy"]
    assert (denied["answer"], denied["source"]) == ("denied", "simulated")
    assert (denied["denied_by"], denied["explicit"]) == ("identity_policy", False)
    assert denied["types"] == ["kms:key"]
    assert whole["totals"]["answers"]["denied"] == 1
    (account,) = whole["totals"]["accounts"]
    assert account["regions"]["open"] == ["us-east-1"]
    assert account["root"] is False
    assert whole["totals"]["calls"] > 0
    assert whole["snapshot"] is None


def test_nothing_that_can_be_collected_is_exit_code_1(gate: Gatekeeper, mapper) -> None:
    gate.simulate = None
    gate.refuse = lambda asked: because("x:Y") if asked.service in ("kms", "sns") else None
    outcome = mapper(*NARROW)
    assert outcome.code == 1
    assert "mapper collect" not in outcome.out
    gate.refuse = lambda asked: because("x:Y") if asked.service == "kms" else None
    outcome = mapper(*NARROW)
    assert outcome.code == 0
    assert "mapper collect" in outcome.out


def test_the_organisations_denials_are_not_ours_to_change(gate: Gatekeeper, mapper) -> None:
    gate.simulate = lambda action, _: (
        {"decision": "implicitDeny", "scp": False} if action.startswith("kms:") else ALLOWED
    )
    text = flat(mapper(*NARROW).out)
    assert "no SCP allows" in text
    assert "no policy of ours allows" in text
    assert "--delta" not in text


def test_regions_say_which_are_closed(gate: Gatekeeper, mapper) -> None:
    gate.refuse = lambda asked: BY_SCP if asked.region == "eu-west-1" else None
    text = flat(mapper("--services", "ec2:vpc", "--region", "eu-west-1,us-east-1").out)
    assert "1 open (us-east-1), 1 closed by the organisation (eu-west-1)" in text


def test_the_root_user_is_warned(gate: Gatekeeper, mapper) -> None:
    gate.arn = "arn:aws:iam::123456789012:root"
    assert "This is the root user" in flat(mapper(*NARROW).out)
    gate.arn = "arn:aws:iam::123456789012:user/root"
    assert "This is the root user" not in flat(mapper(*NARROW).out)


def test_accounts_that_cannot_be_entered_are_named_once(
    gate: Gatekeeper, mapper, world: World
) -> None:
    Path("mapper.toml").write_text(f'[accounts]\n"{world.prod}" = "shop"\n')
    gate.refuse = lambda asked: (
        because("sts:AssumeRole") if asked.operation == "AssumeRole" else None
    )
    outcome = mapper("--org", *NARROW)
    assert outcome.code == 0
    text = flat(outcome.out)
    assert f"Cannot be entered: shop {world.prod}: no role could be assumed" in text
    assert text.count("no role could be assumed") == 1
    gate.refuse = lambda _: None
    text = flat(mapper("--org", *NARROW).out)
    assert "2 accounts can be collected" in text
    assert "Cannot be entered" not in text


def test_a_simulation_that_aws_contradicts_is_told(gate: Gatekeeper, mapper) -> None:
    gate.refuse = lambda asked: (
        because("x:Y", "session policy") if asked.service in ("kms", "sns") else None
    )
    text = flat(mapper(*NARROW).out)
    assert "AWS denied a call that the simulation allows" in text
    assert "no session policy allows" in text


def test_without_credentials_one_sentence_says_what_to_do(mapper) -> None:
    outcome = mapper(*NARROW)
    assert outcome.code == 1
    assert "No AWS credentials were found" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_fits(
    gate: Gatekeeper, mapper, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    gate.simulate = lambda *_: DENIED
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(len, mapper(*NARROW).out.splitlines())) <= width


def test_hostile_words_do_not_reach_the_terminal(gate: Gatekeeper, mapper) -> None:
    gate.simulate = None
    gate.refuse = lambda asked: f"\u202e\u2066 {because('x:Y')}" if asked.service == "kms" else None
    out = mapper(*NARROW, "-v").out
    assert not set(out) & set("\x1b\u202e\u2066")


# What to ask for


def policy(outcome: Outcome) -> list[dict]:
    assert outcome.code == 0, outcome.err
    made = json.loads(outcome.out)
    return [made] if "Statement" in made else list(made.values())


def test_a_policy_needs_neither_credentials_nor_network(mapper) -> None:
    made = policy(mapper("--policy"))
    assert all(size_of(document) <= MANAGED_LIMIT for document in made)
    for operation in operations_of(CollectRequest().type_ids):
        needed = needed_by(*operation)
        assert not lacking(needed.permissions if needed else (), made), operation


def test_several_parts_are_named_and_fill_files_of_their_own(mapper, tmp_path: Path) -> None:
    outcome = mapper("--policy")
    parts = json.loads(outcome.out)
    assert list(parts) == [f"part {number}" for number in range(1, len(parts) + 1)]
    assert len(parts) > 1
    assert "10 of them" in outcome.err
    assert mapper("--policy", "-o", tmp_path / "mine.json").code == 0
    files = sorted(tmp_path.glob("mine*.json"))
    assert [file.name for file in files] == [f"mine-{n}.json" for n in range(1, len(parts) + 1)]
    assert [json.loads(file.read_text()) for file in files] == list(parts.values())


def test_one_part_is_the_document_itself(mapper, tmp_path: Path) -> None:
    (document,) = policy(mapper("--policy", "--services", "kms"))
    mapper("--policy", "--services", "kms", "-o", tmp_path / "mine.json")
    assert json.loads((tmp_path / "mine.json").read_text()) == document
    actions = {a for s in document["Statement"] for a in s["Action"]}
    assert {action.partition(":")[0] for action in actions} == {"kms", "ec2"}


def test_the_delta_and_awss_policies_are_the_whole(mapper) -> None:
    whole, delta = policy(mapper("--policy")), policy(mapper("--policy", "--delta"))
    own = [one.document for one in reading_policies()]
    wanted = {
        p
        for operation in operations_of(CollectRequest().type_ids)
        if (n := needed_by(*operation))
        for p in n.permissions
    }
    assert not lacking(wanted, [*own, *delta])
    assert sum(map(size_of, delta)) < sum(map(size_of, whole))
    # Nothing in it that they have.
    for document in delta:
        for statement in document["Statement"]:
            if statement["Resource"] == "*":
                for action in statement["Action"]:
                    assert lacking({p for p in wanted if p.action == action}, own)


def test_a_delta_of_nothing_is_said(mapper) -> None:
    outcome = mapper("--policy", "--delta", "--services", "ec2:vpc")
    assert (outcome.code, outcome.out) == (0, "")
    assert "allow everything that is asked for" in outcome.err


@pytest.mark.parametrize("language", ["cloudformation", "terraform"])
@pytest.mark.parametrize("stack_set", [(), ("--stackset",)])
def test_a_template_trusts_the_assessor_and_keeps_the_external_id(
    mapper, language: str, stack_set: tuple[str, ...]
) -> None:
    arguments = ("--template", language, "--trusted-account", ASSESSOR, *stack_set)
    outcome = mapper(*arguments, "--external-id", "between-us", "--role", "audit")
    assert outcome.code == 0, outcome.err
    for word in (ASSESSOR, "between-us", '"audit"', "SecurityAudit", "ViewOnlyAccess"):
        assert word in outcome.out
    assert "--role audit --external-id between-us" in outcome.err
    assert "made just now" not in outcome.err


def test_an_external_id_that_was_made_is_told_even_quietly(mapper) -> None:
    arguments = ("--template", "cloudformation", "--trusted-account", ASSESSOR, "-q")
    outcome = mapper(*arguments)
    made = outcome.err.partition("keep it): ")[2].strip()
    assert len(made) > 30
    assert json.loads(outcome.out)["Parameters"]["ExternalId"]["Default"] == made


def test_a_template_asks_for_the_services_that_are_asked_for(mapper) -> None:
    def size(*arguments: str) -> int:
        given = ("--template", "cloudformation", "--trusted-account", ASSESSOR, *arguments)
        return len(mapper(*given).out)

    assert size("--services", "ec2:vpc") < size()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--delta"], "--delta goes with --policy"),
        (["--policy", "--template", "terraform"], "choose one"),
        (["--template", "terraform"], "--trusted-account"),
        (["--trusted-account", ASSESSOR], "go with --template"),
        (["--stackset"], "go with --template"),
        (["--template", "terraform", "--trusted-account", "me"], "twelve digits"),
        (
            ["--template", "terraform", "--trusted-account", ASSESSOR, "--external-id", "a b"],
            "ExternalId",
        ),
        (
            ["--template", "terraform", "--trusted-account", ASSESSOR, "--role", "a,b"],
            "one --role",
        ),
        (["--policy", "--services", "kmz"], "kms"),
        (["--template", "pulumi"], "cloudformation"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_the_remedy(
    mapper, arguments: list[str], words: str
) -> None:
    outcome = mapper(*arguments)
    assert outcome.code == 2
    assert words in flat(outcome.err)
    assert outcome.out == ""


def test_help_has_examples(mapper) -> None:
    assert "mapper preflight --policy --delta" in flat(mapper("--help").out)
