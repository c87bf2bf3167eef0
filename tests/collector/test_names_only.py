"""Values that are secret or the name of a secret: a member beside them tells which."""

from __future__ import annotations

from typing import Any

import pytest

from aws_wire.values import shape_at
from collector.declare import DeclarationError, NamesOnly, ResourceType
from collector.line_redaction import redact_line
from collector.redact import Redactor
from collector.secret_walk import is_redacted
from collector.services import TYPES
from secret_members import operation_model

REDACTOR = Redactor(b"k" * 32)
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-a1b2c3:password::"
ALL = [(declared, names) for declared in TYPES.values() for names in declared.names_only]


def kept(type_id: str, operation: str, value: Any) -> Any:
    calls: dict[str, dict[str, Any]] = {operation: {"status": "ok", "value": value}}
    redact_line(TYPES[type_id], REDACTOR, {}, calls)
    return calls[operation]["value"]


def variable(value: Any, **beside: Any) -> Any:
    """What is kept of a CodeBuild project's variable."""
    held = {"name": "DB_PASSWORD", "value": value, **beside}
    project = {"environment": {"type": "LINUX_CONTAINER", "environmentVariables": [held]}}
    project = kept("codebuild:project", "batch_get_projects", project)
    return project["environment"]["environmentVariables"][0]["value"]


@pytest.mark.parametrize(
    ("kind", "name"), [("PARAMETER_STORE", "/prod/db/password"), ("SECRETS_MANAGER", SECRET_ARN)]
)
def test_a_name_of_a_secret_stays_and_a_plain_value_goes(kind: str, name: str) -> None:
    assert variable(name, type=kind) == name
    assert is_redacted(variable(name, type="PLAINTEXT"))


@pytest.mark.parametrize(
    "kind", [None, "", "parameter_store", "SECRETS_MANAGER_V2", ["SECRETS_MANAGER"], {}, 1]
)
def test_any_other_type_is_a_secret(kind: Any) -> None:
    assert is_redacted(variable("/prod/db/password", type=kind))
    assert is_redacted(variable("/prod/db/password"))


@pytest.mark.parametrize("value", [{"a": "hunter2"}, ["hunter2"], 4711])
def test_what_is_no_text_is_no_name(value: Any) -> None:
    assert is_redacted(variable(value, type="SECRETS_MANAGER"))


def test_a_secret_in_the_place_of_a_name_is_found() -> None:
    text = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
    key = f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----"
    assert "MIIEvQ" not in str(variable(key, type="PARAMETER_STORE"))


def test_the_member_must_stand_beside_the_value_itself() -> None:
    """A malformed answer: a text where the list is expected is hidden, whatever its holder says."""
    project = {"environment": {"type": "SECRETS_MANAGER", "environmentVariables": "hunter2"}}
    project = kept("codebuild:project", "batch_get_projects", project)
    assert is_redacted(project["environment"]["environmentVariables"])


@pytest.mark.parametrize(
    ("namespace", "option", "value", "stays"),
    [
        ("aws:elasticbeanstalk:application:environment", "DB_PASSWORD", "hunter2", False),
        ("aws:elasticbeanstalk:application:environmentsecrets", "DB_PASSWORD", SECRET_ARN, True),
        ("aws:rds:dbinstance", "DBPassword", "hunter2", False),
        ("aws:autoscaling:launchconfiguration", "IamInstanceProfile", "eb-ec2", True),
        ("aws:autoscaling:launchconfigurations", "IamInstanceProfile", "eb-ec2", False),
        ("aws:elbv2:listener:443", "SSLCertificateArns", "arn:aws:acm:eu-west-1:1:c/1", True),
        ("aws:cloudformation:template:parameter", "EnvironmentVariables", "A=hunter2", False),
        ("aws:elasticbeanstalk:container:tomcat:jvmoptions", "JVM Options", "-Dp=x", False),
        (None, "DB_PASSWORD", "hunter2", False),
    ],
)
def test_settings_of_beanstalk_by_their_namespace(
    namespace: str | None, option: str, value: str, stays: bool
) -> None:
    setting = {"Namespace": namespace, "OptionName": option, "Value": value}
    answer = {"ConfigurationSettings": [{"OptionSettings": [setting]}]}
    answer = kept("elasticbeanstalk:env", "describe_configuration_settings", answer)
    found = answer["ConfigurationSettings"][0]["OptionSettings"][0]["Value"]
    assert (found == value) is stays
    assert is_redacted(found) is not stays


@pytest.mark.parametrize(("declared", "names"), ALL, ids=[f"{d.id}-{n.path}" for d, n in ALL])
def test_what_tells_is_a_member_beside_the_value(declared: ResourceType, names: NamesOnly) -> None:
    operation, _, inner = names.path.rpartition(":")
    call = next(call for call in declared.calls() if call.operation == operation)
    held = shape_at(operation_model(declared.client, operation).output_shape, call.result)
    holder = inner.rpartition(".")[0].removeprefix("[].")
    enum = shape_at(held.member if call.result else held, f"{holder}.{names.beside}").enum
    assert set(names.is_one_of) < set(enum) or not enum


def test_an_exception_from_nothing_is_refused() -> None:
    topic = TYPES["sns:topic"]
    with pytest.raises(DeclarationError, match="exception"):
        ResourceType(
            id="sns:x",
            client="sns",
            scope=topic.scope,
            arn=topic.arn,
            lists=topic.lists,
            names_only=(NamesOnly("get_topic_attributes:Attributes.Policy", "x", ("y",)),),
        )
