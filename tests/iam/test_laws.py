"""Laws that hold in every world."""

import re
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam import patterns
from graph.iam.evaluate import decide
from graph.iam.expression import FALSE, TRUE, Literal, contradictory, of
from graph.iam.request import Request
from graph.iam.world import Principal
from tests.iam.worlds import A, B, member, policy, world

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


WIDE = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"], "Condition": {}}
LIMITS = ("boundary", "session", "scp", "rcp")
LAYERS = ("own", *LIMITS, "resource")
ARN = f"arn:aws:iam::{A}:"
NAMES = ["*", A, f"{ARN}user/u", f"{ARN}role/u", f"{ARN}user/v", B]


def limited(rows, narrow):
    return rows if narrow else [WIDE, *rows]


limits = st.none() | st.builds(
    limited, st.lists(statements(), min_size=1, max_size=2), st.sampled_from([False, False, True])
)
"""Layers that can only take away: usually everything but a part, so that much is left."""

worlds = st.fixed_dictionaries(
    {
        "own": st.lists(statements(), min_size=1, max_size=4),
        **dict.fromkeys(LIMITS, limits),
        "resource": st.none() | st.lists(statements(), min_size=1, max_size=2),
        "owner": st.sampled_from([A, A, B]),
        "named": st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
        "kind": st.sampled_from(["user", "role"]),
    }
)
asked = st.tuples(
    st.sampled_from(ACTIONS), st.sampled_from(["arn:aws:s3:::data/x", "arn:aws:s3:::other/y"])
)


def judge(drawn, question, context=None, absent=frozenset()):
    return judged(drawn, question, context, absent).answer


def judged(drawn, question, context=None, absent=frozenset()):
    """The decision in a drawn world; layers are lists of statements, or lists of such lists."""
    kind = drawn["kind"]
    session = drawn["session"] if kind == "role" else None
    caller = Principal(
        arn=f"{ARN}{kind}/u",
        account=A,
        kind=kind,
        name="u",
        policies=tuple(policy(*rows) for rows in split_by_policy(drawn["own"])),
        boundary=policy(*drawn["boundary"]) if drawn["boundary"] else None,
        session_name="s" if session else None,
        session_policies=(policy(*session),) if session else (),
    )
    level = (policy(WIDE),)
    levels = (level, (policy(*drawn["scp"]),)) if drawn["scp"] else (level,)
    rcps = tuple(policy(*everyones(drawn["rcp"])) for _ in range(1) if drawn["rcp"])
    accounts = [member(A, *levels, rcps=rcps), member(B, rcps=rcps)]
    rows = [{"Principal": {"AWS": drawn["named"]}, **row} for row in drawn["resource"] or ()]
    return decide(
        world(caller, accounts=accounts),
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


def split_by_policy(rows):
    """A layer may be given as several policies."""
    return rows if rows and isinstance(rows[0], list) else [rows]


def everyones(rows):
    return [{"Principal": "*", **row} for row in rows]


def same(first, second):
    assert (first.verdict, first.conditions) == (second.verdict, second.conditions)


def unordered(decision):
    """What is allowed, with the values of each test in any order."""
    return {
        frozenset(replace(atom, values=tuple(sorted(atom.values))) for atom in term)
        for term in decision.allowed.terms
    }


def changed(drawn, change):
    """The same world with every statement replaced by others."""
    rows = {layer: drawn[layer] for layer in LAYERS if drawn[layer]}
    return drawn | {layer: [new for row in rows[layer] for new in change(row)] for layer in rows}


def test_the_worlds_hold_a_fair_share_of_each_verdict():
    seen = Counter()

    @settings(deadline=None, max_examples=150, derandomize=True, database=None)
    @given(worlds, asked)
    def count(drawn, question):
        seen[str(judge(drawn, question).verdict)] += 1

    count()
    total = sum(seen.values())
    assert seen["yes"] + seen["conditional"] > total / 4
    assert seen["conditional"] > total / 20
    assert seen["no"] > total / 5


@LAW
@given(worlds, asked, statements("Deny"), st.sampled_from(LAYERS))
def test_adding_a_deny_never_grants(drawn, question, denial, layer):
    before = judge(drawn, question)
    rows = drawn[layer] or ([] if layer == "resource" else [WIDE])
    after = judge({**drawn, layer: [*rows, denial]}, question)
    assert after.verdict.rank <= before.verdict.rank


@LAW
@given(worlds, asked, st.sampled_from(LAYERS))
def test_removing_an_allow_never_adds(drawn, question, layer):
    allows = [row for row in drawn[layer] or () if row["Effect"] == "Allow"]
    if not allows or len(drawn[layer]) < 2:
        return
    fewer = [row for row in drawn[layer] if row is not allows[0]]
    after = judge({**drawn, layer: fewer}, question)
    assert after.verdict.rank <= judge(drawn, question).verdict.rank


@LAW
@given(worlds, asked, st.sampled_from(LIMITS))
def test_a_boundary_session_policy_scp_or_rcp_never_grants(drawn, question, layer):
    bare = {**drawn, layer: None}
    assert judge(drawn, question).verdict.rank <= judge(bare, question).verdict.rank


@LAW
@given(worlds, asked, st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(drawn, question, random):
    shuffled = {
        layer: random.sample(drawn[layer], len(drawn[layer])) for layer in LAYERS if drawn[layer]
    }
    same(judge(drawn, question), judge(drawn | shuffled, question))


@LAW
@given(worlds, asked)
def test_the_order_of_values_does_not_matter(drawn, question):
    def backwards(value):
        if isinstance(value, dict):
            return {key: backwards(value[key]) for key in reversed(list(value))}
        return value[::-1] if isinstance(value, list) else value

    turned = changed(drawn, lambda row: [backwards(row)]) | {"named": drawn["named"][::-1]}
    first, second = judged(drawn, question), judged(turned, question)
    assert first.answer.verdict is second.answer.verdict
    assert unordered(first) == unordered(second)


@LAW
@given(worlds, asked, st.integers(0, 4))
def test_how_statements_are_spread_over_policies_does_not_matter(drawn, question, cut):
    rows = drawn["own"]
    parts = [part for part in (rows[cut:], rows[:cut]) if part]
    same(judge(drawn, question), judge({**drawn, "own": parts}, question))


@LAW
@given(worlds, asked, st.sampled_from(["Action", "Resource"]))
def test_splitting_a_statement_by_action_or_resource_changes_nothing(drawn, question, element):
    split = changed(drawn, lambda row: [row | {element: [value]} for value in row[element]])
    same(judge(drawn, question), judge(split, question))


@LAW
@given(worlds, asked)
def test_splitting_a_statement_by_principal_changes_nothing(drawn, question):
    rows = [
        {**row, "Principal": {"AWS": name}}
        for row in drawn["resource"] or ()
        for name in drawn["named"]
    ]
    same(judge(drawn, question), judge({**drawn, "resource": rows}, question))


@LAW
@given(worlds, asked)
def test_duplicate_statements_change_nothing(drawn, question):
    same(judge(drawn, question), judge(changed(drawn, lambda row: [row, row]), question))


@LAW
@given(worlds, asked)
def test_the_case_of_actions_and_condition_keys_does_not_matter(drawn, question):
    def swapped(row):
        keys = {
            operator: {key.swapcase(): values for key, values in tests.items()}
            for operator, tests in row["Condition"].items()
        }
        return [row | {"Action": [one.swapcase() for one in row["Action"]], "Condition": keys}]

    action, resource = question
    first = judge(drawn, question)
    second = judge(changed(drawn, swapped), (action.swapcase(), resource))
    lowered = [[text.lower() for text in one.conditions] for one in (first, second)]
    assert first.verdict is second.verdict
    assert lowered[0] == lowered[1]


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


def literals_of(comparison, values, family="string"):
    return st.builds(
        Literal,
        key=st.just("k"),
        name=st.just("k"),
        absent_ok=st.booleans(),
        family=st.just(family),
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


NUMBERS = [str(number / 2) for number in range(-2, 14)]
numbers = st.sampled_from(["==", "<", "<=", ">", ">="]).flatmap(
    lambda comparison: literals_of(comparison, ["1", "2", "3", "4", "5"], "numeric")
)
TIMES = [f"2030-01-0{day}T{hour}:00:00Z" for day in range(1, 8) for hour in ("00", "12")]
times = st.sampled_from(["==", "<", "<=", ">", ">="]).flatmap(
    lambda comparison: literals_of(comparison, [f"2030-01-0{day}" for day in range(2, 7)], "date")
)
flags = literals_of("equals", ["true", "false"], "bool")
EXACT = ["a", "b", "c"]
exact = literals_of("equals", EXACT)


@given(
    st.sampled_from(
        [
            (numbers, NUMBERS),
            (times, TIMES),
            (flags, ["true", "false"]),
            (exact, [*EXACT, "something else"]),
        ]
    ).flatmap(lambda row: st.tuples(st.lists(row[0], min_size=1, max_size=4), st.just(row[1])))
)
def test_a_contradiction_is_what_no_value_and_no_missing_key_meets(drawn):
    """Where the values to try are all there are, contradictions are found exactly."""
    rows, values = drawn
    met = all(row.absent_ok for row in rows)
    met = met or any(all(row.holds(value) for row in rows) for value in values)
    assert contradictory(frozenset(rows)) is not met


RANGES = [
    "10.0.0.0/30",
    "10.0.0.0/31",
    "10.0.0.2/31",
    "10.0.0.1",
    "10.0.0.2",
    "::/0",
    "2001:db8::1",
]
ADDRESSES = ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "2001:db8::1", "::2"]


@given(st.lists(literals_of("in", RANGES, "ip"), min_size=1, max_size=4))
def test_a_contradiction_of_ranges_has_no_address(rows):
    if contradictory(frozenset(rows)):
        assert not all(row.absent_ok for row in rows)
        assert not any(all(row.holds(value) for row in rows) for value in ADDRESSES)
