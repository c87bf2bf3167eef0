"""``import cloudmapper``: the layout of CloudMapper's ``collect``, with data of our own."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from collector.cloudmapper import import_cloudmapper
from collector.raw import import_raw
from collector.request import CollectError, CollectResult
from collector.snapshot import Item, Snapshot, Status
from collector_world import KEY

A, B = "111122223333", "444455556666"
EAST, WEST = "us-east-1", "eu-west-1"
LB = f"arn:aws:elasticloadbalancing:{WEST}:{A}:loadbalancer/app/web/1"
GROUP = f"arn:aws:elasticloadbalancing:{WEST}:{A}:targetgroup/web/2"
SECRET = f"arn:aws:secretsmanager:{WEST}:{A}:secret:db/main-AbCdEf"
QUEUE = f"https://sqs.{WEST}.amazonaws.com/{A}/jobs"


class Collected:
    """What CloudMapper collected."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "cloudmapper"
        self.data = self.root / "account-data"
        self.into = folder / "snapshot"

    def put(self, name: str, answer: object, region: str = EAST, account: str = "prod") -> None:
        path = self.data / account / region / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(answer if isinstance(answer, str) else json.dumps(answer, indent=4))

    def follow(self, call: str, value: str, answer: object, region: str = EAST) -> None:
        self.put(f"{call}/{quote_plus(value)}", answer, region)

    def configure(self, **names: str) -> None:
        accounts = [{"id": account, "name": name} for name, account in names.items()]
        self.data.mkdir(parents=True, exist_ok=True)
        (self.root / "config.json").write_text(json.dumps({"accounts": accounts, "cidrs": {}}))

    def load(self, directory: Path | None = None, **ids: str) -> tuple[Snapshot, CollectResult]:
        result = import_cloudmapper(
            directory or self.root, self.into, account_ids=ids, redaction_key=KEY
        )
        return Snapshot.open(self.into), result


@pytest.fixture
def sent(tmp_path: Path) -> Collected:
    collected = Collected(tmp_path)
    collected.configure(prod=A)
    return collected


def only(snapshot: Snapshot, type_id: str) -> Item:
    (item,) = snapshot.items(type_id)
    return item


def test_lists_and_follow_ups(sent: Collected) -> None:
    sent.put("s3-list-buckets.json", {"Buckets": [{"Name": "site"}, {"Name": "logs"}]})
    sent.follow("s3-get-bucket-policy", "site", {"Policy": "{}"})
    sent.put("sqs-list-queues.json", {"QueueUrls": [QUEUE]}, WEST)
    sent.follow("sqs-get-queue-attributes", QUEUE, {"Attributes": {"Policy": "{}"}}, WEST)
    sent.put("secretsmanager-list-secrets.json", {"SecretList": [_secret()]}, WEST)
    # CloudMapper names this one by the secret's name
    sent.follow("secretsmanager-get-resource-policy", "db/main", {"ResourcePolicy": "{}"}, WEST)
    snapshot, result = sent.load()
    logs, site = snapshot.items("s3:bucket")
    assert site.call("get_bucket_policy").value == {"Policy": "{}"}
    assert only(snapshot, "sqs:queue").call("get_queue_attributes").status is Status.OK
    secret = only(snapshot, "secretsmanager:secret")
    assert (secret.region, secret.call("get_resource_policy").status) == (WEST, Status.OK)
    # no file: AWS refused, or there is no policy; nobody can tell
    assert logs.call("get_bucket_policy").status is Status.NOT_ATTEMPTED
    assert result.warnings == ()
    assert snapshot.manifest["accounts"][0]["name"] == "prod"


def _secret() -> dict[str, str]:
    return {"ARN": SECRET, "Name": "db/main"}


def test_the_accounts_block_on_public_access_is_filed_by_account(sent: Collected) -> None:
    block = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    sent.follow("s3control-get-public-access-block", A, block)
    snapshot, result = sent.load()
    assert only(snapshot, "s3:account-bpa").call("get_public_access_block").value == block
    assert result.warnings == ()


def test_target_groups_are_those_of_load_balancers_only(sent: Collected) -> None:
    groups = {"TargetGroups": [{"TargetGroupArn": GROUP}]}
    sent.follow("elbv2-describe-target-groups", LB, groups, WEST)
    sent.follow("elbv2-describe-target-health", GROUP, {"TargetHealthDescriptions": []}, WEST)
    snapshot, result = sent.load()
    assert only(snapshot, "elbv2:target-group").id == GROUP
    codes = {row.operation: row.code for row in snapshot.gaps("elbv2:target-group")}
    assert codes["describe_target_groups"] == "Incomplete"
    assert result.warnings == ()


def test_operations_that_are_not_used_are_named(sent: Collected) -> None:
    sent.put("polly-list-lexicons.json", {"Lexicons": []})
    sent.follow("iam-get-role", "app", {"Role": {}})
    sent.put("s3-list-buckets.json", {"Buckets": []})
    _, result = sent.load()
    assert {text.partition(" ")[0] for text in result.warnings} == {
        "prod/us-east-1/polly-list-lexicons.json",
        "prod/us-east-1/iam-get-role",
    }


@pytest.mark.parametrize("inner", ["", "account-data", "account-data/prod"])
def test_any_folder_of_it_will_do(sent: Collected, inner: str) -> None:
    sent.put("sts-get-caller-identity.json", {"Account": A, "Arn": f"arn:aws:iam::{A}:root"})
    (sent.data / "prod" / "describe-regions.json").write_text("{}")
    snapshot, _ = sent.load(sent.root / inner)
    assert snapshot.accounts == (A,)


def test_the_caller_is_believed_before_the_configuration(sent: Collected) -> None:
    sent.put("sts-get-caller-identity.json", {"Account": B})
    assert sent.load()[0].accounts == (B,)


def test_without_either_the_principals_say_whose_account_it_is(sent: Collected) -> None:
    (sent.root / "config.json").unlink()
    roles = [{"Arn": f"arn:aws:iam::{A}:role/{n}", "RoleName": n} for n in "ab"]
    trust = {"Principal": {"AWS": f"arn:aws:iam::{B}:root"}}
    roles[0]["AssumeRolePolicyDocument"] = json.dumps(trust)
    sent.put("iam-get-account-authorization-details.json", {"RoleDetailList": roles})
    snapshot, _ = sent.load()
    assert snapshot.accounts == (A,)
    assert len(list(snapshot.items("iam:role"))) == 2


def test_an_account_that_nothing_names(sent: Collected) -> None:
    (sent.root / "config.json").unlink()
    sent.put("s3-list-buckets.json", {"Buckets": []})
    with pytest.raises(CollectError, match=r"which account prod is.*--account prod=ID") as caught:
        sent.load()
    assert caught.value.exit_code == 2
    assert sent.load(prod=B)[0].accounts == (B,)


def test_two_folders_of_one_account(sent: Collected) -> None:
    for name in ("prod", "production"):
        sent.put("sts-get-caller-identity.json", {"Account": A}, account=name)
    with pytest.raises(CollectError, match="production and prod are both account"):
        sent.load()


def test_two_accounts(sent: Collected) -> None:
    sent.configure(prod=A, dev=B)
    for name in ("prod", "dev"):
        sent.put("s3-list-buckets.json", {"Buckets": [{"Name": name}]}, account=name)
    snapshot, _ = sent.load()
    assert [item.account_id for item in snapshot.items("s3:bucket")] == [A, B]


def test_a_truncated_file_is_named_and_a_gap(sent: Collected) -> None:
    sent.put("s3-list-buckets.json", {"Buckets": []})
    sent.put("sns-list-topics.json", '{"Topics": [', WEST)
    snapshot, result = sent.load()
    assert snapshot.status(A, WEST, "sns", "list_topics") is Status.ERROR
    assert "prod/eu-west-1/sns-list-topics.json" in result.warnings[0]


@pytest.mark.parametrize("value", ["..", "../../etc", "a%2Fb", "x" * 200, "a\nb"])
def test_hostile_values_are_names_only(sent: Collected, value: str) -> None:
    sent.put("sns-list-topics.json", {"Topics": [{"TopicArn": value}]}, WEST)
    written = quote_plus(value)
    if written != "..":
        sent.follow("sns-get-topic-attributes", value, {"Attributes": {}}, WEST)
    snapshot, _ = sent.load()
    assert only(snapshot, "sns:topic").id == value


def test_nothing_of_cloudmappers(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match=r"no account of CloudMapper's.*Expected") as caught:
        import_cloudmapper(tmp_path, tmp_path / "s", redaction_key=KEY)
    assert caught.value.exit_code == 2
    with pytest.raises(CollectError, match="none cannot be read"):
        import_cloudmapper(tmp_path / "none", tmp_path / "s", redaction_key=KEY)


def test_import_raw_knows_the_layout_and_says_so(sent: Collected, tmp_path: Path) -> None:
    sent.put("iam-list-saml-providers.json", {"SAMLProviderList": []})
    for folder in (sent.root, sent.data):
        with pytest.raises(CollectError, match="mapper import cloudmapper"):
            import_raw(folder, tmp_path / "s", redaction_key=KEY)
