"""Which of several access keys has its secret beside it; which texts hold the secret of a key."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.redact import Redactor
from collector.secret_pairs import owners
from collector.secret_scan import find, hits

ONE, TWO = "AKIAQQQQQQQQQQQQQQQA", "AKIAQQQQQQQQQQQQQQQB"
SECRET = "".join(random.Random(3).choices(string.ascii_letters + string.digits + "/+", k=40))
OTHER = SECRET[::-1]
RULE = "aws-secret-access-key"
PROFILES = (
    f"[default]\naws_access_key_id = {ONE}\naws_secret_access_key = {SECRET}\n\n"
    f"[prod]\naws_access_key_id = {TWO}\naws_secret_access_key = {OTHER}\n"
)


@pytest.mark.parametrize(
    "text",
    [
        f"aws configure set aws_secret_access_key {SECRET}",
        f"echo {ONE}:{SECRET} > /etc/passwd-s3fs",
        f"Access key ID,Secret access key\n{ONE},{SECRET}\n",
        f"printf '{ONE}\\n{SECRET}\\n' | aws configure",
        f"Set-AWSCredential -AccessKey {ONE} -SecretKey {SECRET}",
        f'new BasicAWSCredentials("{ONE}", "{SECRET}")',
        f"AWS_SECRET={SECRET}",
    ],
)
def test_the_secret_of_a_key_is_told_from_other_secrets(text: str) -> None:
    assert RULE in hits(text)
    assert any(SECRET in text[one.start : one.end] for one in find(text))


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE} {'0123456789abcdef' * 2}01234567",  # a commit
        f"{ONE} and {SECRET[:39]}",
        f"{ONE} is the key; build {SECRET}",
        f"DB_SECRET={SECRET}",
    ],
)
def test_what_is_no_secret_of_a_key_is_not_taken_for_one(text: str) -> None:
    assert RULE not in hits(text)


def test_of_one_key_no_owner_is_named() -> None:
    found = hits(f"aws_access_key_id = {ONE}\naws_secret_access_key = {SECRET}")
    assert [one for one in found if one.startswith(f"{RULE}:")] == []


def test_of_several_keys_those_with_a_secret_are_named() -> None:
    assert {f"{RULE}:{ONE}", f"{RULE}:{TWO}"} <= set(hits(PROFILES))
    found = hits(PROFILES.replace(OTHER, "x"))
    assert f"{RULE}:{ONE}" in found
    assert f"{RULE}:{TWO}" not in found


def test_no_hit_holds_a_secret() -> None:
    redacted = Redactor(b"k" * 32).redacted(PROFILES)["redacted"]
    assert SECRET not in str(redacted)
    assert OTHER not in str(redacted)


def test_of_two_as_near_the_one_before_has_it() -> None:
    assert owners([(0, 20, ONE), (70, 90, TWO)], [(25, 65)]) == {ONE}
    assert owners([(0, 20, ONE), (70, 90, TWO)], [(26, 66)]) == {TWO}
    assert owners([(0, 20, ONE)], [(420, 460)]) == set()


@given(st.lists(st.integers(0, 5000), max_size=20), st.lists(st.integers(0, 5000), max_size=20))
def test_no_more_have_a_secret_than_there_are_secrets(ids: list[int], secrets: list[int]) -> None:
    placed = [(at, at + 20, str(number)) for number, at in enumerate(sorted(ids))]
    found = owners(placed, [(at, at + 40) for at in secrets])
    assert len(found) <= min(len(set(secrets)), len(ids))
