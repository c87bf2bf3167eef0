"""What the demo changes in moto 5.2.5, in the server's process only.

Three kinds: speed (work that moto repeats at every request), determinism (clock, identifiers)
and answers that AWS gives and moto does not. Each names why. Collectors never see any of it.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import importlib
import json
import os
import sys
import threading
from collections import deque
from typing import Any, Self
from urllib.parse import unquote

from mapper.demo import moto_canonical_ids, moto_scale

# Managed policies that exist: every other one costs each account's first IAM call seconds.
MANAGED_POLICIES = (
    "AdministratorAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "PowerUserAccess",
    "AmazonSSMManagedInstanceCore",
    "AWSLambdaBasicExecutionRole",
)

# Read by moto when it is imported.
_SWITCHES = {
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # 1,291 Amazon images and their snapshots per region
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "false",  # as AWS: AccessDenied, not the bucket
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_ACM_VALIDATION_WAIT": "0",
}

# After October 2025: function URLs made now need both permission statements
# (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).
_EPOCH = datetime.datetime(2026, 3, 2, 8, 0, 0)


def _module(name: str) -> Any:
    """Import a module of moto as something that may be changed."""
    return importlib.import_module(name)


class Clock:
    """A clock that moves one millisecond at each look, until it is frozen.

    Two builds then give equal timestamps, and two collections of one build equal answers.
    It must move while building: moto pages ``ListAccounts`` by creation time.
    """

    def __init__(self) -> None:
        self._now = _EPOCH
        self._frozen = False
        self._lock = threading.Lock()

    def now(self) -> datetime.datetime:
        """Return naive UTC, as moto's own ``utcnow`` does."""
        with self._lock:
            if not self._frozen:
                self._now += datetime.timedelta(milliseconds=1)
            return self._now

    def freeze(self) -> None:
        """Stop."""
        with self._lock:
            self._frozen = True


clock = Clock()
account_ids: deque[str] = deque()


def seed(number: int) -> None:
    """Seed every identifier that moto makes from here on."""
    mock_random = _module("moto.moto_api._internal").mock_random

    mock_random.seed(number)


def apply() -> None:
    """Import moto and patch it. Call once, before the first request.

    Raises:
        ModuleNotFoundError: if moto or one of the server's own dependencies is not installed.
    """
    os.environ.update(_SWITCHES)
    _use_clock()
    _choose_account_ids()
    _speed()
    _managed_policies()
    _load_balancer_identifiers()
    _boundaries_of_users()
    _ec2_answers()
    _function_policies()
    _function_urls()
    _share_changes()
    _no_identity_center()
    _no_delegation_policy()
    moto_canonical_ids.apply()
    moto_scale.apply()


def _use_clock() -> None:
    core = _module("moto.core.utils")

    real = core.utcnow
    core.utcnow = clock.now
    sts = _module("moto.sts.models")

    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("moto.") and (
            getattr(module, "utcnow", None) is real
        ):
            vars(module)["utcnow"] = clock.now
    # Credentials issued by a clock that lags would be born expired.
    sts.utcnow = real
    _use_clock_where_datetime_is_asked()


def _use_clock_where_datetime_is_asked() -> None:
    """Replace ``datetime`` and ``time`` in the modules that do not ask ``utcnow``."""
    import time
    import types

    ecr = _module("moto.ecr.models")
    elb = _module("moto.elb.models")
    s3 = _module("moto.s3.models")
    secretsmanager = _module("moto.secretsmanager.models")

    class DemoDatetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Self:
            now = clock.now()
            return cls.fromisoformat(now.isoformat()).replace(tzinfo=tz)

    stand_in: Any = types.ModuleType("datetime")
    stand_in.__dict__.update(datetime.__dict__)
    stand_in.datetime = DemoDatetime
    elb.datetime = stand_in
    s3.datetime = stand_in
    ecr.datetime = DemoDatetime

    ticking: Any = types.ModuleType("time")
    ticking.__dict__.update(time.__dict__)
    ticking.time = lambda: clock.now().replace(tzinfo=datetime.UTC).timestamp()
    secretsmanager.time = ticking


def _choose_account_ids() -> None:
    organizations = _module("moto.organizations.utils")

    random_id = organizations.make_random_account_id
    organizations.make_random_account_id = lambda: (
        account_ids.popleft() if account_ids else random_id()
    )
    account = _module("moto.organizations.models").FakeAccount
    make = account.__init__

    def named(self: Any, organization: Any, **given: Any) -> None:
        # moto calls the management account "master".
        if given.get("AccountName") == "master":
            given.update(AccountName="management", Email="aws-management@example.com")
        make(self, organization, **given)

    account.__init__ = named


def _speed() -> None:
    backends = _module("moto.backends")
    responses = _module("moto.core.responses")

    # 175 stat calls under a lock, and an inspection of the response class, at every request.
    modules = list(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)


def _managed_policies() -> None:
    iam = _module("moto.iam.models")

    every = json.loads(iam.aws_managed_policies_data)
    iam.aws_managed_policies_data = json.dumps(
        {name: every[name] for name in MANAGED_POLICIES if name in every}
    )


def _load_balancer_identifiers() -> None:
    elbv2 = _module("moto.elbv2.models")
    mock_random = _module("moto.moto_api._internal").mock_random

    # moto takes the Python object's address for the default rule's ARN.
    elbv2.id = lambda _: mock_random.get_random_hex(16)

    def arn(account_id: str, lb_id: str, name: str, region_name: str) -> str:
        # By name, so that a balancer made anew under its old name is the same node.
        place = f"{region_name}:{account_id}:loadbalancer/app/{name}"
        suffix = hashlib.sha256(place.encode()).hexdigest()[:16]
        return f"arn:aws:elasticloadbalancing:{place}/{suffix}"

    elbv2.make_arn_for_load_balancer = arn


def _boundaries_of_users() -> None:
    """Add the three ways to give a user a permissions boundary, and take it."""
    empty_result = _module("moto.core.responses").EmptyResult
    user_model = _module("moto.iam.models").User
    iam_response = _module("moto.iam.responses").IamResponse

    def arn_of(user: Any) -> str | None:
        return getattr(user, "demo_boundary", None)

    def boundary(user: Any) -> dict[str, str] | None:
        arn = arn_of(user)
        if arn is None:
            return None
        return {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": arn,
        }

    def put(response: Any) -> Any:
        user = response.backend.get_user(response._get_param("UserName"))
        user.demo_boundary = response._get_param("PermissionsBoundary")
        return empty_result()

    def delete(response: Any) -> Any:
        user = response.backend.get_user(response._get_param("UserName"))
        user.demo_boundary = None
        return empty_result()

    create_plain = iam_response.create_user

    def create(response: Any) -> Any:
        answer = create_plain(response)
        if response._get_param("PermissionsBoundary"):
            put(response)
        return answer

    user_model.permissions_boundary = property(boundary)
    iam_response.create_user = create
    iam_response.put_user_permissions_boundary = put
    iam_response.delete_user_permissions_boundary = delete


_IMAGE_STATES: dict[tuple[str, str], str] = {}
_SNAPSHOT_STATES: dict[tuple[str, str], str] = {}


def _ec2_answers() -> None:
    """Answer the EC2 calls that moto lacks, with AWS's defaults, and keep what is set."""
    action_result = _module("moto.core.responses").ActionResult
    ec2_response = _module("moto.ec2.responses").EC2Response

    def place(response: Any) -> tuple[str, str]:
        return response.current_account, response.region

    def setting(states: dict[tuple[str, str], str], key: str, off: str) -> tuple[Any, Any, Any]:
        parameter = key[0].upper() + key[1:]

        def get(response: Any) -> Any:
            return action_result({key: states.get(place(response), off)})

        def enable(response: Any) -> Any:
            states[place(response)] = response._get_param(parameter)
            return get(response)

        def disable(response: Any) -> Any:
            states.pop(place(response), None)
            return get(response)

        return get, enable, disable

    image = setting(_IMAGE_STATES, "ImageBlockPublicAccessState", "unblocked")
    (
        ec2_response.get_image_block_public_access_state,
        ec2_response.enable_image_block_public_access,
        ec2_response.disable_image_block_public_access,
    ) = image
    snapshot = setting(_SNAPSHOT_STATES, "State", "unblocked")
    (
        ec2_response.get_snapshot_block_public_access_state,
        ec2_response.enable_snapshot_block_public_access,
        ec2_response.disable_snapshot_block_public_access,
    ) = snapshot

    def vpc_options(response: Any) -> Any:
        account, region = place(response)
        return action_result(
            {
                "VpcBlockPublicAccessOptions": {
                    "AwsAccountId": account,
                    "AwsRegion": region,
                    "State": "default-state",
                    "InternetGatewayBlockMode": "off",
                    "ManagedBy": "account",
                    "ExclusionsAllowed": "allowed",
                }
            }
        )

    ec2_response.describe_vpc_block_public_access_options = vpc_options
    ec2_response.describe_vpc_block_public_access_exclusions = lambda _: action_result(
        {"VpcBlockPublicAccessExclusions": []}
    )
    ec2_response.describe_security_group_vpc_associations = lambda _: action_result(
        {"SecurityGroupVpcAssociations": []}
    )


def _function_policies() -> None:
    """Write the conditions of ``AddPermission`` as AWS does.

    moto leaves ``FunctionUrlAuthType`` and ``InvokedViaFunctionUrl`` as keys of the statement;
    AWS writes them as conditions (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).
    """
    policy_model = _module("moto.awslambda.policy").Policy

    merge = policy_model.condition_merge

    def with_url_conditions(policy: Any, statement: dict[str, Any]) -> None:
        merge(policy, statement)
        conditions = statement.get("Condition", {})
        if "FunctionUrlAuthType" in statement:
            conditions.setdefault("StringEquals", {})["lambda:FunctionUrlAuthType"] = statement.pop(
                "FunctionUrlAuthType"
            )
        if "InvokedViaFunctionUrl" in statement:
            value = str(statement.pop("InvokedViaFunctionUrl")).lower()
            conditions.setdefault("Bool", {})["lambda:InvokedViaFunctionUrl"] = value
        if conditions:
            statement["Condition"] = conditions

    policy_model.condition_merge = with_url_conditions


def _function_urls() -> None:
    """Answer ``ListFunctionUrlConfigs``: moto knows only the URL of one function."""
    urls = _module("moto.awslambda.urls")
    lambda_response = _module("moto.awslambda.responses").LambdaResponse

    def list_function_url_configs(response: Any) -> Any:
        name = unquote(response.path.rstrip("/").split("/")[-2])
        function = response.backend.get_function(name)
        configs = [function.url_config.to_dict()] if function.url_config else []
        return json.dumps({"FunctionUrlConfigs": configs})

    lambda_response.list_function_url_configs = list_function_url_configs
    address = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/urls/?$"
    urls.url_paths[address] = lambda_response.dispatch


def _share_changes() -> None:
    """Add ``AssociateResourceShare``, its reverse, and the shares that others give."""
    ram_response = _module("moto.ram.responses").ResourceAccessManagerResponse

    def change(add: bool) -> Any:
        def answer(response: Any) -> Any:
            body = json.loads(response.body)
            (share,) = (
                one
                for one in response.ram_backend.resource_shares
                if one.arn == body["resourceShareArn"]
            )
            for given, held in (
                (body.get("principals", []), share.principals),
                (body.get("resourceArns", []), share.resource_arns),
            ):
                for value in given:
                    if add and value not in held:
                        held.append(value)
                    elif not add and value in held:
                        held.remove(value)
            return json.dumps({"resourceShareAssociations": []})

        return answer

    ram_response.associate_resource_share = change(add=True)
    ram_response.disassociate_resource_share = change(add=False)

    own_shares = ram_response.get_resource_shares
    backends = _module("moto.ram.models").ram_backends

    def get_resource_shares(response: Any) -> Any:
        if response._get_param("resourceOwner") != "OTHER-ACCOUNTS":
            return own_shares(response)
        account = response.current_account
        shares = [
            share.describe()
            for owner, regions in list(backends.items())
            if owner != account
            for share in regions[response.region].resource_shares
            if account in share.principals
        ]
        return json.dumps({"resourceShares": shares})

    ram_response.get_resource_shares = get_resource_shares
    urls = _module("moto.ram.urls").url_paths
    for operation in ("associateresourceshare", "disassociateresourceshare"):
        urls["{0}/" + operation + "$"] = ram_response.dispatch


def _no_identity_center() -> None:
    """Begin without IAM Identity Center: moto has an instance in each region of each account.

    AWS has at most one in an organisation, where somebody enabled it.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/identity-center-instances.html
    """
    backend = _module("moto.ssoadmin.models").SSOAdminBackend
    made = backend.__init__

    def init(self: Any, region_name: str, account_id: str) -> None:
        made(self, region_name, account_id)
        self.instances.clear()

    backend.__init__ = init


def _no_delegation_policy() -> None:
    """Say that the organisation has no delegation policy: moto does not know the call.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeResourcePolicy.html
    """
    error = _module("moto.organizations.exceptions").OrganizationsClientError

    def describe_resource_policy(_: Any) -> Any:
        raise error("ResourcePolicyNotFoundException", "There is no resource policy.")

    organizations = _module("moto.organizations.responses").OrganizationsResponse
    organizations.describe_resource_policy = describe_resource_policy
