"""Lambda functions: policies and URLs, each rule beside its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing.functions import SETTING, function_judgements
from graph.verdict import Answer
from snapshot_files import ACCOUNT, REGION, Absent, Denied, line, write_snapshot

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:form"
URL = "https://abc.lambda-url.eu-west-1.on.aws/"
FOR_URL = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "lambda:InvokeFunctionUrl",
    "Resource": FUNCTION,
    "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
}
FOR_FUNCTION = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "lambda:InvokeFunction",
    "Resource": FUNCTION,
    "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
}
OPEN_URL = [{"FunctionUrl": URL, "FunctionArn": FUNCTION, "AuthType": "NONE"}]
SIGNED_URL = [{"FunctionUrl": URL, "FunctionArn": FUNCTION, "AuthType": "AWS_IAM"}]


def policy(*statements: dict[str, Any]) -> dict[str, str]:
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def judge(folder: Path, mechanism: str, **calls: Any) -> dict[str, Answer]:
    defaults: dict[str, Any] = {"get_policy": Absent, "list_function_url_configs": []}
    rows = [line(FUNCTION, {"FunctionName": "form"}, **(defaults | calls))]
    snapshot = write_snapshot(folder, {(ACCOUNT, REGION, "lambda:function"): rows})
    return {
        j.source: j.answer
        for j in function_judgements(snapshot, from_snapshot(snapshot))
        if j.mechanism == mechanism
    }


def url(folder: Path, configs: Any, *statements: dict[str, Any]) -> dict[str, Answer]:
    given = policy(*statements) if statements else Absent
    return judge(folder, "function-url", list_function_url_configs=configs, get_policy=given)


def test_an_open_url_with_both_statements(tmp_path: Path) -> None:
    assert url(tmp_path, OPEN_URL, FOR_URL, FOR_FUNCTION)["internet"].verdict == "yes"


def test_with_the_first_statement_alone_it_depends_on_the_accounts_exception(
    tmp_path: Path,
) -> None:
    answer = url(tmp_path, OPEN_URL, FOR_URL)["internet"]
    assert answer.verdict == "conditional"
    assert answer.conditions == ("context:lambda:FunctionUrlException=granted",)


def test_a_url_without_a_policy(tmp_path: Path) -> None:
    assert url(tmp_path, OPEN_URL)["internet"].verdict == "no"


def test_a_policy_without_a_url(tmp_path: Path) -> None:
    assert url(tmp_path, [], FOR_URL, FOR_FUNCTION)["internet"].verdict == "no"


def test_statements_for_another_authentication_open_nothing(tmp_path: Path) -> None:
    answers = url(tmp_path, SIGNED_URL, FOR_URL, FOR_FUNCTION)
    assert answers["any-aws-principal"].verdict == "no"
    assert answers["internet"].conditions == ("authn:sigv4",)


def test_a_signed_url_needs_no_policy_and_an_open_one_does(tmp_path: Path) -> None:
    signed = url(tmp_path / "signed", SIGNED_URL)["internet"]
    assert (signed.verdict, signed.conditions) == ("conditional", ("authn:sigv4",))
    assert url(tmp_path / "open", OPEN_URL)["internet"].verdict == "no"


def deny(**condition: Any) -> dict[str, Any]:
    actions = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    found = {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": FUNCTION}
    return found | ({"Condition": condition} if condition else {})


def test_a_deny_shuts_a_signed_url_for_its_own_account_too(tmp_path: Path) -> None:
    assert url(tmp_path / "all", SIGNED_URL, deny())["internet"].verdict == "no"
    other = deny() | {"Resource": f"{FUNCTION}:other"}
    assert url(tmp_path / "other", SIGNED_URL, other)["internet"].verdict == "conditional"
    private = deny(Null={"aws:SourceVpce": "true"})
    assert url(tmp_path / "private", SIGNED_URL, private)["internet"].verdict == "no"
    only_new = deny() | {"Action": "lambda:InvokeFunction"}
    assert url(tmp_path / "new", SIGNED_URL, only_new)["internet"].conditions == (
        "authn:sigv4",
        "context:lambda:FunctionUrlException=granted",
    )


def test_a_range_of_addresses_is_the_source_of_a_signed_url(tmp_path: Path) -> None:
    fixed = deny(NotIpAddress={"aws:SourceIp": "8.8.8.0/24"})
    answers = url(tmp_path, SIGNED_URL, fixed)
    assert "internet" not in answers
    assert answers["cidr:8.8.8.0/24"].conditions == ("authn:sigv4",)


def test_an_unread_policy_can_only_take_from_a_signed_url(tmp_path: Path) -> None:
    calls = {"list_function_url_configs": SIGNED_URL, "get_policy": Denied}
    answers = judge(tmp_path, "function-url", **calls)
    assert answers["any-aws-principal"].verdict == "unknown"
    assert answers["internet"].verdict == "conditional"
    assert answers["internet"].conditions == (
        "authn:sigv4",
        f"not_collected:lambda.get_policy@{ACCOUNT}/{REGION}",
    )


@pytest.mark.parametrize(
    "configs",
    [
        [{"FunctionUrl": URL, "FunctionArn": FUNCTION}],
        [{"FunctionUrl": URL, "FunctionArn": FUNCTION, "AuthType": "NEW"}],
        "x",
        ["x"],
    ],
)
def test_an_authentication_that_was_not_told_is_not_guessed(tmp_path: Path, configs: Any) -> None:
    assert url(tmp_path, configs, FOR_URL, FOR_FUNCTION)["internet"].verdict == "unknown"


def test_no_concurrency_at_all_puts_a_url_to_sleep(tmp_path: Path) -> None:
    for number, verdict in ((0, "dormant"), (1, "yes"), (False, "yes")):
        calls = {"list_function_url_configs": OPEN_URL, "get_policy": policy(FOR_URL, FOR_FUNCTION)}
        setting = {"get_function_concurrency": {"ReservedConcurrentExecutions": number}}
        rows = {
            (ACCOUNT, REGION, "lambda:function"): [line(FUNCTION, {"FunctionName": "f"}, **calls)],
            (ACCOUNT, REGION, SETTING): [line(FUNCTION, {"FunctionName": "f"}, **setting)],
        }
        snapshot = write_snapshot(tmp_path / str(number), rows)
        found = {
            one.source: one.answer.verdict
            for one in function_judgements(snapshot, from_snapshot(snapshot))
            if one.mechanism == "function-url"
        }
        assert found["internet"] == verdict


def test_a_signed_url_for_everyone_asks_for_a_signature(tmp_path: Path) -> None:
    condition = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
    answers = url(tmp_path, SIGNED_URL, FOR_URL | {"Condition": condition}, FOR_FUNCTION)
    answer = answers["any-aws-principal"]
    assert answer.verdict == "conditional"
    assert "authn:sigv4" in answer.conditions


def test_the_key_beside_the_members_counts_as_a_condition(tmp_path: Path) -> None:
    beside = {k: v for k, v in FOR_URL.items() if k != "Condition"}
    via = {k: v for k, v in FOR_FUNCTION.items() if k != "Condition"}
    open_answers = url(
        tmp_path / "a",
        OPEN_URL,
        beside | {"FunctionUrlAuthType": "NONE"},
        via | {"InvokedViaFunctionUrl": True},
    )
    assert open_answers["internet"].verdict == "yes"
    closed = url(tmp_path / "b", OPEN_URL, beside | {"FunctionUrlAuthType": "AWS_IAM"})
    assert closed["internet"].verdict == "no"


def test_unread_urls_are_unknown(tmp_path: Path) -> None:
    assert url(tmp_path, Denied, FOR_URL)["internet"].verdict == "unknown"


def test_an_unread_policy_is_unknown(tmp_path: Path) -> None:
    answers = judge(tmp_path, "function-url", list_function_url_configs=OPEN_URL, get_policy=Denied)
    assert answers["internet"].verdict == "unknown"


def test_the_single_config_stands_in_for_the_list(tmp_path: Path) -> None:
    answers = judge(
        tmp_path,
        "function-url",
        list_function_url_configs=Denied,
        get_function_url_config=OPEN_URL[0],
        get_policy=policy(FOR_URL, FOR_FUNCTION),
    )
    assert answers["internet"].verdict == "yes"


def test_invoke_for_everyone_is_open_to_any_aws_principal(tmp_path: Path) -> None:
    plain = {k: v for k, v in FOR_FUNCTION.items() if k != "Condition"}
    answers = judge(tmp_path, "function-policy", get_policy=policy(plain))
    assert answers["any-aws-principal"].verdict == "yes"
    assert "internet" not in answers


def test_statements_for_the_url_do_not_open_the_function(tmp_path: Path) -> None:
    answers = judge(tmp_path, "function-policy", get_policy=policy(FOR_URL, FOR_FUNCTION))
    assert {answer.verdict for answer in answers.values()} == {"no"}


def test_an_aliases_policy_counts(tmp_path: Path) -> None:
    plain = {k: v for k, v in FOR_FUNCTION.items() if k != "Condition"}
    calls = {"get_policy(Qualifier=live)": policy(plain | {"Resource": FUNCTION + ":live"})}
    answers = judge(tmp_path, "function-policy", **calls)
    assert answers["any-aws-principal"].verdict == "yes"


def test_a_policy_that_cannot_be_read_leaves_the_url_unknown(tmp_path: Path) -> None:
    for number, text in enumerate(('{"Version', '{"Statement": "x"}', '{"Statement": [1]}')):
        calls = {"list_function_url_configs": OPEN_URL, "get_policy": {"Policy": text}}
        for mechanism in ("function-url", "function-policy"):
            found = judge(tmp_path / f"{number}{mechanism}", mechanism, **calls)
            assert [str(answer.verdict) for answer in found.values()] == ["unknown"], text
            assert next(iter(found.values())).conditions


def test_a_statement_that_a_direct_call_passes_too_is_not_only_the_urls(tmp_path: Path) -> None:
    loose = FOR_FUNCTION | {"Condition": {"BoolIfExists": {"lambda:InvokedViaFunctionUrl": "true"}}}
    found = judge(tmp_path / "loose", "function-policy", get_policy=policy(loose))
    assert found["any-aws-principal"].verdict == "conditional"
    found = judge(tmp_path / "strict", "function-policy", get_policy=policy(FOR_FUNCTION))
    assert found["any-aws-principal"].verdict == "no"


def test_a_signed_url_of_an_alias_is_judged_by_the_aliases_policy(tmp_path: Path) -> None:
    alias = [{**SIGNED_URL[0], "FunctionArn": f"{FUNCTION}:live"}]
    for resource, verdict in ((f"{FUNCTION}:live", "no"), (FUNCTION, "conditional")):
        shut = policy(deny() | {"Resource": resource})
        calls = {"list_function_url_configs": alias, "get_policy(Qualifier=live)": shut}
        found = judge(tmp_path / verdict, "function-url", **calls)
        assert found["internet"].verdict == verdict


@pytest.mark.parametrize("value", ["x", 1, [1], {"Policy": [1]}], ids=repr)
def test_an_answer_of_no_known_shape_is_unknown(tmp_path: Path, value: Any) -> None:
    calls = {"list_function_url_configs": OPEN_URL, "get_policy": value}
    for mechanism in ("function-url", "function-policy"):
        found = judge(tmp_path / mechanism, mechanism, **calls)
        assert {str(one.verdict) for one in found.values()} == {"unknown"}
    assert url(tmp_path / "none", OPEN_URL)["internet"].verdict == "no"
