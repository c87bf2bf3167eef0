"""Laws that hold in every world."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam import patterns
from graph.iam.evaluate import evaluate
from graph.iam.expression import FALSE, TRUE, Literal, contradictory, of
from graph.iam.request import Request
from graph.iam.world import Principal
from tests.iam.worlds import A, B, alone, member, policy, world

# Machines under load are slow, not wrong: laws have no deadline.
LAW = settings(deadline=None, max_examples=60)

ACTIONS = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]
PATTERNS = ["*", "s3:*", "s3:Get*", "s3:GetObject", "sqs:*", "?3:PutObject"]
RESOURCES = ["*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/x", "arn:aws:s3:::other/*"]
KEYS = ["s3:k1", "s3:k2"]
VALUES = ["a", "b", "ab"]

tests = st.dictionaries(
    st.sampled_from(
        [
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringEqualsIfExists",
            "Null",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringLike",
        ]
    ),
    st.dictionaries(
        st.sampled_from(KEYS),
        st.lists(st.sampled_from([*VALUES, "a*", "true"]), min_size=1, max_size=2),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)


def statements(effect=None):
    return st.fixed_dictionaries(
        {
            "Effect": st.just(effect) if effect else st.sampled_from(["Allow", "Allow", "Deny"]),
            "Action": st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2),
            "Resource": st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2),
            "Condition": tests,
        }
    )


worlds = st.fixed_dictionaries(
    {
        "own": st.lists(statements(), min_size=1, max_size=4),
        "boundary": st.none() | st.lists(statements(), min_size=1, max_size=2),
        "scp": st.none() | st.lists(statements(), min_size=1, max_size=2),
        "resource": st.none() | st.lists(statements(), min_size=1, max_size=2),
        "owner": st.sampled_from([A, B]),
        "named": st.sampled_from(["*", A, f"arn:aws:iam::{A}:user/u", f"arn:aws:iam::{A}:role/u"]),
        "kind": st.sampled_from(["user", "role"]),
    }
)
asked = st.tuples(
    st.sampled_from(ACTIONS), st.sampled_from(["arn:aws:s3:::data/x", "arn:aws:s3:::other/y"])
)


def judge(drawn, question, context=None, absent=frozenset()):
    named = {"AWS": drawn["named"]}
    caller = Principal(
        arn=f"arn:aws:iam::{A}:{drawn['kind']}/u",
        account=A,
        kind=drawn["kind"],
        name="u",
        policies=(policy(*drawn["own"]),),
        boundary=policy(*drawn["boundary"]) if drawn["boundary"] else None,
    )
    level = (policy({"Effect": "Allow", "Action": "*", "Resource": "*"}),)
    levels = (level, (policy(*drawn["scp"]),)) if drawn["scp"] else (level,)
    here = world(caller, accounts=[member(A, *levels), alone(B)])
    rows = [{**row, "Principal": named} for row in drawn["resource"] or ()]
    return evaluate(
        here,
        Request(
            caller,
            *question,
            resource_account=drawn["owner"],
            resource_policy=policy(*rows) if rows else None,
            context=context or {},
            absent=absent,
            other_grants_seen=True,
        ),
    )


LAYERS = st.sampled_from(["own", "boundary", "scp", "resource"])


@LAW
@given(worlds, asked, statements("Deny"), LAYERS)
def test_adding_a_deny_never_grants(drawn, question, denial, layer):
    if drawn[layer] is None:
        layer = "own"
    before = judge(drawn, question)
    after = judge({**drawn, layer: [*drawn[layer], denial]}, question)
    assert after.verdict.rank <= before.verdict.rank


@LAW
@given(worlds, asked, LAYERS)
def test_removing_an_allow_never_adds(drawn, question, layer):
    allows = [row for row in drawn[layer] or () if row["Effect"] == "Allow"]
    if not allows or len(drawn[layer]) < 2:
        return
    fewer = [row for row in drawn[layer] if row is not allows[0]]
    after = judge({**drawn, layer: fewer}, question)
    assert after.verdict.rank <= judge(drawn, question).verdict.rank


@LAW
@given(worlds, asked, st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(drawn, question, random):
    shuffled = dict(drawn)
    for layer in ("own", "boundary", "scp", "resource"):
        if drawn[layer]:
            shuffled[layer] = random.sample(drawn[layer], len(drawn[layer]))
    first, second = judge(drawn, question), judge(shuffled, question)
    assert (first.verdict, first.conditions) == (second.verdict, second.conditions)


@LAW
@given(worlds, asked)
def test_a_boundary_or_scp_never_grants(drawn, question):
    bare = {**drawn, "boundary": None, "scp": None}
    assert judge(drawn, question).verdict.rank <= judge(bare, question).verdict.rank


@LAW
@given(
    worlds,
    asked,
    st.dictionaries(st.sampled_from(KEYS), st.none() | st.sampled_from(VALUES), min_size=1),
)
def test_knowing_a_key_never_contradicts_what_was_sure(drawn, question, known):
    unknown = judge(drawn, question).verdict
    context = {key: (value,) for key, value in known.items() if value is not None}
    absent = frozenset(key for key, value in known.items() if value is None)
    told = judge(drawn, question, context, absent).verdict
    if unknown in ("yes", "no"):
        assert told is unknown


@LAW
@given(worlds, asked)
def test_a_conditional_answer_has_a_request_that_is_allowed(drawn, question):
    """Over texts that the policies speak of, and others, some choice must give yes."""
    answer = judge(drawn, question)
    if answer.verdict != "conditional":
        return
    choices = [None, *VALUES, "a*", "true", "zz"]
    several = ("a", "zz")
    outcomes = set()
    for first in [*choices, several]:
        for second in [*choices, several]:
            pair = dict(zip(KEYS, (first, second), strict=True))
            context = {
                k: v if isinstance(v, tuple) else (v,) for k, v in pair.items() if v is not None
            }
            absent = frozenset(key for key, value in pair.items() if value is None)
            outcomes.add(judge(drawn, question, context, absent).verdict)
    assert "yes" in outcomes


globs = st.text(alphabet="ab*?", max_size=6)
texts = st.text(alphabet="ab", max_size=6)


@given(globs, texts)
def test_matching_is_what_the_wildcards_mean(glob, text):
    want = re.fullmatch(re.escape(glob).replace(r"\*", ".*").replace(r"\?", "."), text)
    assert patterns.matches(patterns.wild(glob), text) is (want is not None)


@given(globs, globs, texts)
def test_covers_and_intersects_agree_with_matching(left, right, text):
    left, right = patterns.wild(left), patterns.wild(right)
    in_left, in_right = patterns.matches(left, text), patterns.matches(right, text)
    if in_left and in_right:
        assert patterns.intersects(left, right)
    if patterns.covers(left, right) and in_right:
        assert in_left


def literals_of(comparison, values):
    return st.builds(
        Literal,
        key=st.just("k"),
        name=st.just("k"),
        absent_ok=st.booleans(),
        family=st.just("string"),
        comparison=st.just(comparison),
        values=st.lists(st.sampled_from(values), min_size=1, max_size=2).map(tuple),
        negated=st.booleans(),
    )


literals = literals_of("equals", ["a", "b", "a*"]) | literals_of(
    "like", ["a", "b", patterns.wild("a*"), patterns.STAR]
)


@given(st.lists(literals, min_size=1, max_size=3))
def test_a_contradiction_has_no_value(rows):
    if contradictory(frozenset(rows)):
        assert not all(row.absent_ok for row in rows)
        for value in ("a", "b", "ab", "ax", "a*", "zz", ""):
            assert not all(row.holds(value) for row in rows)


@given(literals)
def test_negation_is_its_own_inverse_and_excludes(row):
    assert row.negation.negation == row
    assert (of(row) & of(row.negation)).is_false
    assert (of(row) | FALSE) == of(row)
    assert (of(row) & TRUE) == of(row)
