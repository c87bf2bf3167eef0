"""Two techniques in a row, grants that pass a boundary by, keys under conditions."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios import things
from tests.scenarios.labels import AUTH, IAM, Claim, Lab, blast, can, path, scenario
from tests.scenarios.worlds import ADMINISTRATOR, FULL, allow, deny, may, trust

LAMBDA = "lambda.amazonaws.com"


@scenario(IAM + "reference_policies_evaluation-logic_policy-eval-basics-resource-user.html")
def grants_beside_a_boundary(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    fence = a.policy("fence", allow("sqs:*"))
    user = a.user("user", boundary=fence)
    role = a.role("role", trust(a.root), boundary=fence)
    name = f"open-{a.number}"
    some = f"arn:aws:s3:::{name}/x"
    data = things.bucket(a, name, may([user, role], "s3:GetObject", f"arn:aws:s3:::{name}/*"))
    yield can(user, "s3:GetObject", some, "yes", "a grant to a user's ARN passes its boundary by")
    yield path(user, data, "yes", why="a grant to a user's ARN passes its boundary by")
    yield can(role, "s3:GetObject", some, "no", "a grant to a role's ARN does not")
    yield path(role, data, "no", why="a grant to a role's ARN does not")
    boss = a.admin("boss", trust(user), trust(role))
    yield path(user, boss, "yes", "sts-001", why="a trust that names the user passes it by as well")
    yield path(role, boss, "no", why="a trust that names the role stays within its boundary")
    shut = a.policy("shut", FULL, deny("sts:*"))
    refused = a.user("refused", boundary=shut)
    top = a.admin("top", trust(refused))
    yield path(refused, top, "no", why="a Deny in the boundary counts")


@scenario(IAM + "reference_policies_elements_principal.html")
def ways_to_write_a_trust(lab: Lab) -> Iterator[Claim]:
    a, b = lab.account(), lab.account()
    right = allow("sts:AssumeRole")
    start, bare = a.user("start", right), a.user("bare")
    number = b.role("number", trust({"AWS": a.number}))
    yield path(start, number, "yes", "sts-001", why="an account's number is its root")
    yield path(bare, number, "no", why="the right is missing")
    both = b.role("both", trust({"AWS": [bare, start]}))
    yield path(start, both, "yes", "sts-001", why="it is in the list")
    no = {"Effect": "Deny", "Principal": {"AWS": start}, "Action": "sts:AssumeRole"}
    shut = b.role("shut", [trust(a.root), no])
    yield path(start, shut, "no", why="the trust denies it")
    saml = b.role("saml", trust(a.root, "sts:AssumeRoleWithSAML"))
    yield path(start, saml, "no", why="the trust is about another call")
    tagged = b.role("tagged", trust(a.root), tags={"env": "dev"})
    plain = b.role("plain", trust(a.root), tags={"env": "prod"})
    dev = {"StringEquals": {"aws:ResourceTag/env": "dev"}}
    picky = a.user("picky", allow("sts:AssumeRole", Condition=dev))
    yield path(picky, tagged, "yes", "sts-001", why="the role is tagged dev")
    yield path(picky, plain, "no", why="the role is tagged prod")
    yield path(picky, number, "no", why="the role bears no tag")
    here = {"StringEquals": {"aws:ResourceAccount": a.number}}
    home = a.user("home", allow("sts:AssumeRole", Condition=here))
    yield path(home, plain, "no", why="it may assume roles of its own account only")
    there = {"StringEquals": {"aws:ResourceAccount": b.number}}
    away = a.user("away", allow("sts:AssumeRole", Condition=there))
    yield path(away, plain, "yes", "sts-001", why="the role is in that account")


@scenario(AUTH + "list_awsidentityandaccessmanagementiam.html")
def two_techniques_in_a_row(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    first = a.user("first", allow("iam:UpdateAssumeRolePolicy", a.iam("role", "writer")))
    a.role("writer", trust("ec2.amazonaws.com"), allow("iam:AttachUserPolicy", first))
    raised = "iam-012|x-iam-gained-policy"
    yield path(first, a.node, "yes", raised, why="takes writer, which raises first")
    plan = a.policy("plan", allow("s3:List*"))
    a.group("planners", managed=[plan])
    second = a.user(
        "second",
        allow("iam:CreatePolicyVersion", plan),
        allow("iam:AddUserToGroup", a.iam("group", "planners")),
    )
    yield path(second, a.node, "yes", why="raises the group's policy and joins the group")
    third = a.user("third", allow(["iam:CreatePolicyVersion", "iam:DetachUserPolicy"], plan))
    yield path(third, a.node, "no", why="raises the group's policy, and is not in the group")
    old = a.policy("old", allow("s3:List*"), older=[[FULL]])
    hand = a.role("hand", trust(a.root), managed=[old])
    fourth = a.user(
        "fourth", allow("iam:SetDefaultPolicyVersion", old), allow("sts:AssumeRole", hand)
    )
    yield path(fourth, a.node, "yes", why="an older version raises the role that it assumes")
    b = lab.account()
    fifth = b.user("fifth", allow("iam:CreateAccessKey", b.iam("user", "sixth")))
    b.user("sixth", allow("iam:UpdateLoginProfile", b.iam("user", "seventh")), login=True)
    b.user(
        "seventh", allow("lambda:UpdateFunctionCode"), allow("lambda:InvokeFunction"), login=True
    )
    things.function(b, "job", b.admin("boss", trust(LAMBDA)))
    through = ("iam-002", "iam-006", "lambda-004|lambda-003")
    yield path(fifth, b.node, "yes", *through, why="key, password, code")
    yield blast(fifth, b.iam("user", "seventh"), "yes", "on the way")
    c = lab.account()
    make = ["iam:CreateRole", "iam:PutRolePolicy", "iam:PassRole"]
    call = ["lambda:CreateFunction", "lambda:InvokeFunction"]
    eighth = c.user("eighth", allow(make), allow(call))
    yield path(eighth, c.node, "yes", why="a role of its own making")
    ninth = c.user("ninth", allow([make[0], make[2]]), allow(call))
    yield path(ninth, c.node, "no", why="a role of its own making, without rights")


@scenario("https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html")
def keys_under_conditions(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    via = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    whole = may(a.root, ["kms:Describe*", "kms:Put*"])
    user = a.user("user", allow("kms:Decrypt"))
    key = things.key(a, 1, whole, may("*", "kms:Decrypt", Condition=via))
    yield can(user, "kms:Decrypt", key, "conditional", "through S3 only")
    mine = {"StringEquals": {"kms:CallerAccount": a.number}}
    own = things.key(a, 2, whole, may("*", "kms:Decrypt", Condition=mine))
    yield can(user, "kms:Decrypt", own, "yes", "the caller's account is that one")
    bare = a.user("bare")
    yield can(bare, "kms:Decrypt", own, "yes", "the star names it, in one account that is enough")
    b = lab.account()
    far = b.user("far", allow("kms:Decrypt"))
    yield can(far, "kms:Decrypt", own, "no", "the caller's account is another")
    alias = {"StringEquals": {"kms:RequestAlias": "alias/app"}}
    named = a.user("named", allow("kms:Decrypt", Condition=alias))
    yield can(named, "kms:Decrypt", own, "yes", "the key's own policy lets it")


@scenario(IAM + "id_roles_providers_create_saml.html")
def providers_that_are_rewritten(lab: Lab) -> Iterator[Claim]:
    call = "sts:AssumeRoleWithSAML"
    audience = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    a = lab.account()
    provider = a.iam("saml-provider", "corp")
    a.listed("iam.list_saml_providers", "SAMLProviderList", {"Arn": provider})
    a.answer("iam.get_saml_provider", {"SAMLMetadataDocument": "<x/>"}, provider, "global")
    a.admin("staff", trust({"Federated": provider}, call, Condition=audience))
    update = a.user("update", allow("iam:UpdateSAMLProvider", provider))
    yield path(update, a.node, "possible", "x-iam-samlprovider", why="its own metadata, then in")
    look = a.user("look", allow(["iam:GetSAMLProvider", "iam:ListSAMLProviders"]))
    yield path(look, a.node, "no", why="metadata is public")
    b = lab.account()
    b.admin("staff", trust({"Federated": b.iam("saml-provider", "gone")}, call, Condition=audience))
    maker = b.user("maker", allow("iam:CreateSAMLProvider", b.iam("saml-provider", "gone")))
    yield path(
        maker, b.node, "possible", why="a trust names a provider that is not there: it makes it"
    )
    other = b.user("other", allow("iam:CreateSAMLProvider", b.iam("saml-provider", "new")))
    yield path(other, b.node, "no", why="no trust names that one")


@scenario(AUTH + "list_amazonec2.html")
def tags_of_workloads(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust("ec2.amazonaws.com"), profile=True)
    things.instance(a, "i-0aaaaaaaaaaaaaaa1", boss, tags={"env": "dev"})
    calls = [f"ec2:{one}" for one in ("ModifyInstanceAttribute", "StopInstances", "StartInstances")]

    def limited(name: str, key: str, value: str) -> str:
        return a.user(name, allow(calls, Condition={"StringEquals": {key: value}}))

    fits = limited("fits", "aws:ResourceTag/env", "dev")
    yield path(fits, a.node, "yes", "ec2-002", why="the machine is tagged dev")
    old = limited("old", "ec2:ResourceTag/env", "dev")
    yield path(old, a.node, "yes", "ec2-002", why="the service's own key says the same")
    no = limited("no", "aws:ResourceTag/env", "prod")
    yield path(no, a.node, "no", why="the machine is tagged dev")
    region = limited("region", "aws:RequestedRegion", "us-east-1")
    yield path(region, a.node, "no", why="the machine is in eu-west-1")
    here = limited("here", "aws:RequestedRegion", "eu-west-1")
    yield path(here, a.node, "yes", "ec2-002", why="the machine is in eu-west-1")


@scenario(IAM + "access_policies_managed-vs-inline.html")
def customer_policies_that_are_attached(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    strong = a.policy("strong", FULL)
    mild = a.policy("mild", allow("s3:Get*"))

    def only(arn: str) -> dict[str, dict[str, dict[str, str]]]:
        return {"Condition": {"ArnEquals": {"iam:PolicyARN": arn}}}

    one = a.user("one", allow("iam:AttachUserPolicy", a.iam("user", "one"), **only(strong)))
    yield path(one, a.node, "yes", "iam-008", why="that policy allows everything")
    two = a.user("two", allow("iam:AttachUserPolicy", a.iam("user", "two"), **only(mild)))
    yield path(two, a.node, "no", why="that policy reads objects")
    three = a.user("three", allow("iam:AttachRolePolicy", **only(strong)), allow("sts:AssumeRole"))
    a.role("hand", trust(a.root))
    yield path(three, a.node, "yes", "iam-014|iam-009", why="to the role that it assumes")
    b = lab.account()
    indirect = b.policy("indirect", allow("iam:PutUserPolicy"))
    four = b.user("four", allow("iam:AttachUserPolicy", b.iam("user", "four"), **only(indirect)))
    yield path(four, b.node, "yes", "iam-008", why="then it writes itself any policy")
    c = lab.account()
    group = c.iam("group", "team")
    c.group("team")
    c.policy("strong", FULL)
    held = {"Condition": {"ArnLike": {"iam:PolicyARN": c.iam("policy", "s*")}}}
    five = c.user("five", allow("iam:AttachGroupPolicy", group, **held), groups=["team"])
    yield path(five, c.node, "yes", "iam-010", why="to the group that it is in")
    e, f = lab.account(), lab.account()
    high = e.policy("high", FULL)
    e.user("boss", managed=[ADMINISTRATOR])
    mate = e.user("mate")
    both = [allow("iam:AttachUserPolicy", mate, **only(high)), allow("iam:CreateAccessKey", mate)]
    yield path(e.user("six", *both), e.node, "yes", "iam-015", why="to a user that it takes")
    seven = f.policy("high", FULL)
    make = [allow("iam:CreateRole"), allow("iam:AttachRolePolicy", **only(seven))]
    yield path(f.user("seven", *make), f.node, "yes", why="to a role that it makes")
    eight = f.role(
        "eight", trust("ec2.amazonaws.com"), allow("iam:AttachRolePolicy", **only(seven))
    )
    yield path(eight, f.node, "yes", "iam-009", why="to itself")


@scenario(IAM + "reference_policies_evaluation-logic-cross-account.html")
def admins_give_others_the_right(lab: Lab) -> Iterator[Claim]:
    dev, prod = lab.account(), lab.account()
    robot = dev.role("robot", trust(LAMBDA), allow("logs:*"))
    name = f"prod-{prod.number}"
    data = things.bucket(prod, name, may(robot, "s3:GetObject", f"arn:aws:s3:::{name}/*"))
    door = prod.admin("door", trust(robot))
    boss = dev.user("boss", managed=[ADMINISTRATOR])
    yield path(robot, prod.node, "no", why="it has no right of its own")
    yield path(boss, prod.node, "yes", why="it gives robot the right, and becomes robot")
    yield path(boss, door, "yes", why="it gives robot the right, and becomes robot")
    yield path(boss, data, "yes", why="it gives robot the right, and becomes robot")
    climber = dev.user("climber", allow("iam:PutUserPolicy", dev.iam("user", "climber")))
    yield path(climber, dev.node, "yes", "iam-007", why="raises itself")
    yield path(climber, prod.node, "yes", why="then as any admin of dev")
    clerk = dev.user("clerk", allow("s3:*"))
    yield path(clerk, prod.node, "no", why="no admin of dev")
    narrow = dev.user("narrow", allow(["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"], robot))
    yield path(narrow, prod.node, "yes", why="writes robot's rights and its trust")
    half = dev.user("half", allow("iam:UpdateAssumeRolePolicy", robot))
    yield path(half, prod.node, "no", why="takes robot, which has no right")


@scenario(IAM + "id_roles_use.html")
def rights_of_several_that_are_held(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    a.user("boss", managed=[ADMINISTRATOR])
    step = a.iam("role", "step")
    first = a.user("first", allow("sts:AssumeRole", step))
    a.role("step", trust(a.root), allow("iam:PutUserPolicy", first))
    written = "sts-001|x-iam-gained-policy"
    yield path(first, a.node, "yes", written, why="the role writes a policy of who assumed it")
    second = a.user("second", allow("sts:AssumeRole", a.iam("role", "away")))
    a.role("away", trust(a.root), allow("iam:PutUserPolicy", a.iam("user", "third")))
    a.user("third")
    yield path(second, a.node, "no", why="it writes a policy of somebody whom it does not hold")
    b = lab.account()
    b.user("boss", managed=[ADMINISTRATOR])
    target = b.iam("role", "target")
    b.role("target", trust("ec2.amazonaws.com"))
    b.role("writer", trust(b.root), allow("iam:PutRolePolicy", target))
    take = allow("iam:UpdateAssumeRolePolicy", target)
    fourth = b.user("fourth", take, allow("sts:AssumeRole", b.iam("role", "writer")))
    yield path(fourth, b.node, "yes", why="one writes its trust, the other its rights")
    fifth = b.user("fifth", take)
    yield path(fifth, b.node, "no", why="the role may do nothing, and nobody writes its rights")
    c = lab.account()
    c.user("boss", managed=[ADMINISTRATOR])
    group = c.iam("group", "team")
    c.group("team")
    c.group("others")
    c.user("there", groups=["others"])
    helper = c.user("helper", allow("iam:AttachGroupPolicy", group))
    sixth = c.user("sixth", allow("iam:CreateAccessKey", helper), groups=["team"])
    raised = "iam-002|x-iam-gained-group"
    yield path(sixth, c.node, "yes", raised, why="helper raises the group that the start is in")
    yield path(helper, c.node, "no", why="it is not in the group")
