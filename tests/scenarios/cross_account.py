"""Ways from one account into another, without an organisation."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios import things
from tests.scenarios.labels import IAM, Claim, Lab, blast, can, path, scenario
from tests.scenarios.worlds import ADMINISTRATOR, FULL, allow, deny, may, trust

CROSS = IAM + "reference_policies_evaluation-logic-cross-account.html"


@scenario(CROSS)
def dev_to_ops_to_prod(lab: Lab) -> Iterator[Claim]:
    dev, ops, prod = lab.account(), lab.account(), lab.account()
    hub = ops.iam("role", "hub")
    boss = prod.admin("boss", trust(hub))
    ops.role("hub", trust(dev.root), allow("sts:AssumeRole", boss))
    start = dev.user("start", allow("sts:AssumeRole", hub))
    yield path(start, prod.node, "yes", "sts-001", why="each hop has its trust and its right")
    yield path(start, ops.node, "no", why="the hub is no admin of its own account")
    yield path(start, hub, "yes", "sts-001", why="the trust of the account, and the right")
    bare = dev.user("bare")
    yield path(bare, prod.node, "no", why="the trust of :root leaves it to the account's IAM")
    yield path(bare, hub, "no", why="the trust of :root leaves it to the account's IAM")
    boxed = dev.policy("boxed", allow("s3:*"))
    fenced = dev.user("fenced", allow("sts:AssumeRole", hub), boundary=boxed)
    yield path(fenced, prod.node, "no", why="the boundary does not allow sts:AssumeRole")
    master = dev.user("master", managed=[ADMINISTRATOR])
    yield path(master, prod.node, "yes", "sts-001", why="who is admin of dev may assume the hub")


@scenario(CROSS)
def named_in_the_trust_without_a_right(lab: Lab) -> Iterator[Claim]:
    dev, prod = lab.account(), lab.account()
    named = dev.user("named")
    boss = prod.admin("boss", trust(named))
    yield path(named, boss, "no", why="across accounts both sides must allow")
    yield path(named, prod.node, "no", why="across accounts both sides must allow")
    refused = dev.user("refused", FULL, deny("sts:AssumeRole", prod.iam("role", "*")))
    prod.admin("boss-two", trust(refused))
    yield path(
        refused,
        prod.iam("role", "boss-two"),
        "yes",
        why="it is admin of dev, and takes its own Deny away",
        relabelled="first labelled no: a Deny of its own, which iam:DeleteUserPolicy ends",
    )
    gives = dev.user("gives", allow("iam:PutUserPolicy", named))
    yield path(gives, prod.node, "no", why="it holds nobody: keys of the user it cannot make")
    keys = dev.user("keys", allow(["iam:PutUserPolicy", "iam:CreateAccessKey"], named))
    yield path(keys, prod.node, "yes", "iam-018", why="writes the right and takes the user")
    bound = dev.user("bound", allow("sts:*"), deny("sts:AssumeRole", prod.iam("role", "*")))
    prod.admin("boss-three", trust(bound))
    yield path(bound, prod.iam("role", "boss-three"), "no", why="a Deny of its own, no admin")


@scenario(IAM + "id_roles_common-scenarios_third-party.html")
def external_id_and_other_conditions_of_a_trust(lab: Lab) -> Iterator[Claim]:
    dev, prod = lab.account(), lab.account()
    start = dev.user("start", allow("sts:AssumeRole", prod.iam("role", "*")))

    def entered(name: str, **condition: object) -> str:
        return prod.role(name, trust(dev.root, Condition=condition))

    yield path(
        start,
        entered("secret", StringEquals={"sts:ExternalId": "k1"}),
        "conditional",
        why="an ExternalId has to be known",
    )
    yield path(
        start,
        entered("mfa", Bool={"aws:MultiFactorAuthPresent": "true"}),
        "conditional",
        why="a user may come with MFA",
    )
    yield path(
        start,
        entered("office", IpAddress={"aws:SourceIp": "198.51.100.0/24"}),
        "conditional",
        why="from an address of the office",
    )
    yield path(
        start,
        entered("right", StringEquals={"aws:PrincipalAccount": dev.number}),
        "yes",
        why="the caller's account is that one",
    )
    yield path(
        start,
        entered("wrong", StringEquals={"aws:PrincipalAccount": "999988887777"}),
        "no",
        why="the caller's account is another",
    )
    yield path(
        start,
        entered("arn", ArnLike={"aws:PrincipalArn": dev.iam("user", "st*")}),
        "yes",
        why="the caller's ARN fits",
    )
    yield path(
        start,
        entered("past", DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}),
        "no",
        why="that day has passed",
    )
    yield path(
        start,
        entered("name", StringLike={"sts:RoleSessionName": "ops-*"}),
        "yes",
        why="the caller chooses the session's name",
    )
    yield path(
        start,
        entered("org", StringEquals={"aws:PrincipalOrgID": "o-zzzzzzzzzz"}),
        "not-yes",
        why="nothing shows that the caller is of that organisation",
    )


@scenario(IAM + "id_credentials_mfa_configure-api-require.html")
def mfa_is_lost_in_a_chain(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    boss = a.admin("boss", trust(a.root, Condition=asked))
    step = a.role("step", trust(a.root), allow("sts:AssumeRole", boss))
    start = a.user("start", allow("sts:AssumeRole", step), mfa=True)
    yield path(start, a.node, "no", why="credentials of AssumeRole carry no MFA")
    straight = a.user("straight", allow("sts:AssumeRole", boss), mfa=True)
    yield path(straight, a.node, "conditional", why="a user brings its MFA code")
    b, c = lab.account(), lab.account()
    b.role("inner", trust(b.root), allow("*", Condition=asked))
    inside = b.user("inside", allow("sts:AssumeRole", b.iam("role", "inner")), mfa=True)
    yield path(inside, b.node, "no", why="calls of a role's session never show MFA")
    if_exists = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    soft = c.admin("soft", trust(c.root, Condition=if_exists))
    keyed = c.user("keyed", allow("sts:AssumeRole", soft), keys=["Active"])
    yield path(keyed, c.node, "yes", why="long-term keys do not carry the key, IfExists passes")


@scenario(CROSS)
def buckets_keys_and_functions_of_another_account(lab: Lab) -> Iterator[Claim]:
    dev, prod = lab.account(), lab.account()
    boss = prod.admin("boss", trust("lambda.amazonaws.com"))
    name = f"shared-{prod.number}"
    code = prod.arn("lambda", "function:shared")
    calls = ["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]
    reader = dev.user("reader", allow("s3:GetObject", f"arn:aws:s3:::{name}/*"))
    bare = dev.user("bare")
    coder = dev.user("coder", allow(calls, code))
    data = things.bucket(prod, name, may([reader, bare], "s3:GetObject", f"arn:aws:s3:::{name}/*"))
    things.function(prod, "shared", boss, may(dev.root, calls, code))
    shut = things.bucket(prod, f"shut-{prod.number}")
    yield path(reader, data, "yes", why="the bucket's policy and the user's own")
    yield path(bare, data, "no", why="across accounts the user's own policy must allow too")
    yield path(reader, shut, "no", why="no policy of the bucket, no right")
    yield path(coder, prod.node, "yes", "lambda-004|lambda-003", why="the policy gives code away")
    yield path(bare, prod.node, "no", why="its own side is missing")
    far = dev.user("far", allow(["s3:*", "kms:*", "secretsmanager:*"]))
    yield path(far, shut, "no", why="no policy of the bucket, no right")
    yield blast(far, data, "no", "the bucket names others")
    key = things.key(prod, 1, may(prod.root, "kms:*"), may(dev.root, "kms:Decrypt"))
    own = things.key(prod, 2, may(prod.root, "kms:*"))
    yield can(far, "kms:Decrypt", key, "yes", "the key lets the account, IAM lets the user")
    yield can(bare, "kms:Decrypt", key, "no", "IAM of its account does not let the user")
    yield can(far, "kms:Decrypt", own, "no", "the key lets its own account only")
    yield can(far, "kms:PutKeyPolicy", key, "no", "the key lets Decrypt only")
    secret = things.secret(prod, "given", may(far, "secretsmanager:GetSecretValue"))
    yield can(far, "secretsmanager:GetSecretValue", secret, "no", "aws/secretsmanager: not abroad")
    keyed = things.secret(prod, "keyed", may(far, "secretsmanager:GetSecretValue"), key=key)
    yield path(far, keyed, "yes", why="policy of the secret, of the key, and IAM")


@scenario(IAM + "reference_policies_elements_resource.html")
def rights_on_what_belongs_to_others(lab: Lab) -> Iterator[Claim]:
    dev, prod = lab.account(), lab.account()
    victim = prod.user("victim", managed=[ADMINISTRATOR])
    boss = prod.admin("boss", trust(prod.root))
    on = ["iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:UpdateLoginProfile", "iam:PassRole"]
    start = dev.user("start", allow(on, [victim, boss]), allow("iam:PutRolePolicy", boss))
    yield path(start, victim, "no", why="IAM's calls act in the caller's own account")
    yield path(start, prod.node, "no", why="IAM's calls act in the caller's own account")
    yield path(start, boss, "no", why="the role trusts its own account")


@scenario(IAM + "id_roles_providers_create_oidc.html")
def everyone_of_a_provider_and_everyone(lab: Lab) -> Iterator[Claim]:
    a, b, c = lab.account(), lab.account(), lab.account()
    host = "token.actions.githubusercontent.com"
    for one, subject, verdict in ((a, "", "yes"), (b, "repo:acme/app:*", "no")):
        provider = one.iam("oidc-provider", host)
        one.listed(
            "iam.list_open_id_connect_providers", "OpenIDConnectProviderList", {"Arn": provider}
        )
        told = {"Url": host, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": []}
        one.answer("iam.get_open_id_connect_provider", told, provider, "global")
        held = {f"{host}:aud": "sts.amazonaws.com"} | ({f"{host}:sub": subject} if subject else {})
        call = "sts:AssumeRoleWithWebIdentity"
        given = trust({"Federated": provider}, call, Condition={"StringLike": held})
        one.admin("ci", given)
        yield path("internet", one.node, verdict, why=f"subject {subject or 'any'} of GitHub")
    open_role = c.admin("open", trust("*"))
    yield path("internet", open_role, "yes", why="any principal of any account")
    d = lab.account()
    d.admin("ours", trust("*", Condition={"StringEquals": {"aws:PrincipalAccount": d.number}}))
    yield path("internet", d.node, "no", why="the account's own only")
    own = d.user("own", allow("sts:AssumeRole"))
    yield path(own, d.node, "yes", "sts-001", why="the account's own, with the right")
