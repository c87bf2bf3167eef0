"""Functions open by URL or by policy, each beside one that is not."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from mapper.demo.world.facts import ANY_PRINCIPAL, INTERNET, Accesses, Admits, Thing, Touch
from mapper.demo.world.stage import Flip, Stage, flip_call, trusts_service

_URL = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
_FUNCTION = "https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-cross-account.html"


def code_package() -> bytes:
    """A function's code, the same bytes at every build."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("index.py", date_time=(2026, 1, 1, 0, 0, 0))
        archive.writestr(entry, "def handler(event, context):\n    return 'hello'\n")
    return buffer.getvalue()


def _function(stage: Stage, scenario: str, name: str, role: str) -> str:
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    arn = str(
        stage.clients(account, "lambda", region).create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": code_package()},
        )["FunctionArn"]
    )
    stage.keep(account, arn, "machine")
    return arn


def _function_role(stage: Stage, scenario: str, name: str) -> str:
    account = stage.plan.account(scenario)
    arn = stage.role(account, name, trusts_service("lambda.amazonaws.com"), scenario)
    stage.iam(account).attach_role_policy(
        RoleName=name,
        PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )
    return arn


def functions(stage: Stage) -> None:
    """Functions with a URL for everybody, one without the policy that opens it; one invocable."""
    scenario = "function"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    client = stage.clients(account, "lambda", region)
    role = _function_role(stage, scenario, stage.plan.name(scenario, "webhook-role"))
    things = []
    for what, part in (("webhook", "planted"), ("preview", "decoy")):
        name = stage.plan.name(scenario, what)
        arn = _function(stage, scenario, name, role)
        client.create_function_url_config(FunctionName=name, AuthType="NONE")
        if part == "planted":
            for permission in _URL_PERMISSIONS:
                client.add_permission(FunctionName=name, **permission)
        flip = (
            flip_call(
                account, "lambda", region, "remove_permission", FunctionName=name,
                StatementId=_URL_PERMISSIONS[0]["StatementId"],
            )
            if part == "planted"
            else _open_url(account, region, name)
        )  # fmt: skip
        open_ = (
            Accesses(INTERNET, arn, "function-url", "yes"),
            # A principal may invoke it by the URL alone: lambda:InvokedViaFunctionUrl.
            Admits(arn, account, "everybody", "conditional", ("context",)),
        )
        things.append(
            Thing(
                name, part, "sharing", _URL,
                "its policy " + ("admits" if part == "planted" else "does not admit")
                + " everybody to the URL",
                facts=open_ if part == "planted" else (),
                flipped=() if part == "planted" else open_,
                flip=flip,
                touches=(Touch(account, region, ("lambda",)),),
            )
        )  # fmt: skip
    stage.add(scenario, *things)
    _invocable(stage)


_URL_PERMISSIONS: tuple[dict[str, Any], ...] = (
    {
        "StatementId": "url",
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "FunctionUrlAuthType": "NONE",
    },
    {
        "StatementId": "invoke-by-url",
        "Action": "lambda:InvokeFunction",
        "Principal": "*",
        "InvokedViaFunctionUrl": True,
    },
)


def _open_url(account: str, region: str, name: str) -> Flip:
    def flip(clients: Any) -> None:
        for permission in _URL_PERMISSIONS:
            clients(account, "lambda", region).add_permission(FunctionName=name, **permission)

    return flip


def _invocable(stage: Stage) -> None:
    """Functions that every principal may invoke; one is for one bucket of the account only."""
    scenario = "function-policy"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    client = stage.clients(account, "lambda", region)
    role = _function_role(stage, scenario, stage.plan.name(scenario, "resize-role"))
    things = []
    for what, part in (("resize", "planted"), ("scan", "decoy")):
        name = stage.plan.name(scenario, what)
        arn = _function(stage, scenario, name, role)
        statement: dict[str, Any] = {
            "FunctionName": name,
            "StatementId": "invoke",
            "Action": "lambda:InvokeFunction",
            "Principal": "*",
        }
        narrow = {"SourceAccount": account} if part == "decoy" else {}
        client.add_permission(**statement, **narrow)
        open_ = (
            Accesses(ANY_PRINCIPAL, arn, "function-policy", "yes"),
            Admits(arn, account, "everybody"),
        )
        things.append(
            Thing(
                name, part, "sharing", _FUNCTION,
                "its policy admits every principal"
                + (" that acts for the own account" if narrow else ""),
                facts=() if narrow else open_,
                flipped=open_ if narrow else (),
                flip=_reinvoke(account, region, statement, {} if narrow else _own(account)),
                touches=(Touch(account, region, ("lambda",)),),
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def _own(account: str) -> dict[str, str]:
    return {"SourceAccount": account}


def _reinvoke(account: str, region: str, statement: dict[str, Any], more: dict[str, str]) -> Flip:
    def flip(clients: Any) -> None:
        client = clients(account, "lambda", region)
        client.remove_permission(
            FunctionName=statement["FunctionName"], StatementId=statement["StatementId"]
        )
        client.add_permission(**statement, **more)

    return flip
