"""Policies that name many: looking entries up equals going through all of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.document import Document, parse
from graph.iam.expression import any_of
from graph.iam.layers import Question, ask
from graph.iam.principal import addressing, match, matched, named
from graph.iam.request import Request, facts_of
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, Outside, Policy, outside_account
from tests.iam.worlds import A, B, C, doc, forbid, grant, role, root, user, world

AWS = [
    *(account for account in (A, B, C)),
    *(f"arn:aws:iam::{account}:root" for account in (A, B)),
    *(f"arn:aws:iam::{account}:user/{name}" for account in (A, B) for name in ("alice", "x/bob")),
    *(f"arn:aws:iam::{account}:role/{name}" for account in (A, B, C) for name in ("app", "p/app")),
    *(f"arn:aws:sts::{account}:assumed-role/app/{name}" for account in (A, C) for name in "ab"),
    f"arn:a/b:sts::{A}:assumed-role/app/a",
    f"arn:aws:sts::{A}:federated-user/alice",
    "AIDAALICE000000000000",
    "AROAAPP00000000000000",
    "nobody",
    f"arn:aws:iam::{A}:user/*",
    "*",
]
PAIRS = [
    *(("AWS", value) for value in AWS),
    ("Service", "ec2.amazonaws.com"),
    ("Service", "ec2.eu-west-1.amazonaws.com"),
    ("Service", "sqs.amazonaws.com"),
    ("Federated", "*"),
    ("Federated", "accounts.google.com"),
    ("CanonicalUser", "c" * 64),
]
ACCOUNTS = [outside_account(A), outside_account(C)]
CALLERS = [
    user(),
    user(account=B),
    user(name="bob"),
    role(),
    role(path="/p/"),
    role(account=C),
    role(session_name="a"),
    root(),
    root(B),
    ANONYMOUS,
    ANY_AWS_PRINCIPAL,
    *ACCOUNTS,
    *(outside_account(value.split(":")[4], value) for value in AWS if value.count(":") > 4),
    *(Outside("service", account, "ec2.eu-west-1.amazonaws.com") for account in ("", A)),
    Outside("service", arn="sqs.amazonaws.com"),
    Outside("federated", arn="accounts.google.com"),
    Outside("canonical", arn="c" * 64),
]
OTHERS = [f"arn:aws:iam::999999999999:role/r{number}" for number in range(20)]


def _by_type(pairs):
    found = {}
    for kind, value in pairs:
        found.setdefault(kind, []).append(value)
    return found


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PAIRS), min_size=1, max_size=12), st.sampled_from(CALLERS))
def test_an_entry_among_many_names_whom_it_names_alone(pairs, caller) -> None:
    many = _by_type([*pairs, *(("AWS", value) for value in OTHERS)])
    (statement,) = parse(doc(grant(many))).statements
    hits = [match(named(*pair), caller) for pair in statement.principals]
    got = [hit for _, hit in matched(statement, caller)]
    if caller in ACCOUNTS:
        # Entries of one account are one test of who of it comes.
        got, hits = [any_of(got)], [any_of(hits)]
        assert got[0].is_true is hits[0].is_true
        assert _names(got[0]) == _names(hits[0])
        return
    assert got == [hit for hit in hits if not hit.is_false]


def _names(when):
    return {value for term in when.terms for atom in term for value in atom.values}


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PAIRS), max_size=30), st.sampled_from(CALLERS))
def test_statements_among_many_say_what_all_of_them_say(pairs, caller) -> None:
    rows = [
        (forbid if number % 3 else grant)({kind: value})
        for number, (kind, value) in enumerate([*pairs, *(("AWS", value) for value in OTHERS)])
    ]
    rows.append({**grant("*"), "NotPrincipal": {"AWS": OTHERS}})
    del rows[-1]["Principal"]
    document = parse(doc(*rows))
    left = addressing(document, "s3:getobject", caller)
    assert [row for row in left if matched(row, caller)] == [
        row for row in document.statements if matched(row, caller)
    ]
    request = Request(caller, "s3:GetObject", "arn:aws:s3:::data/x", A)
    question = Question(
        request.action_glob, request.resource_glob, facts_of(world(), request, A), caller
    )
    whole = Policy("whole", document)
    alone = [Policy("whole", Document(str(row.index), (row,))) for row in document.statements]

    def said(policies):
        found = ask(policies, question, names_principals=True)
        return [(hit.statement, hit.when, hit.kind) for hit in (*found.allows, *found.denies)]

    assert said([whole]) == said(alone)
    assert len(left) < len(document.statements)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PAIRS), min_size=1, max_size=12), st.sampled_from(CALLERS))
def test_who_is_left_out_among_many_is_left_out_alone(pairs, caller) -> None:
    def without(entries):
        row = {**forbid("*"), "NotPrincipal": _by_type(entries)}
        del row["Principal"]
        return matched(parse(doc(row)).statements[0], caller)

    assert without([*pairs, *(("AWS", value) for value in OTHERS)]) == without(pairs)
