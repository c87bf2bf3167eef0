"""Secrets are replaced; what is needed to judge stays."""

from __future__ import annotations

import base64
import gzip
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.redact import RedactionKeyError, Redactor, user_key
from collector.secret_scan import hits, readable
from collector_world import KEY

REDACTOR = Redactor(KEY)

# Made up for this test; none was ever valid. Joined at run time, so that scanners of source code
# do not take them for real ones.
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("aws-secret-access-key", f"aws_secret_access_key = {SECRET_KEY}"),
        ("aws-secret-access-key", f'"SecretAccessKey": "{SECRET_KEY}"'),
        ("private-key", "-----BEGIN RSA PRIVATE KEY-----\nMII"),
        ("private-key", "-----BEGIN OPENSSH PRIVATE KEY-----"),
        ("github-token", "ghp_" + "a1" * 18),
        ("gitlab-token", "glpat-" + "a1" * 10),
        ("slack-token", "xoxb-" + "1234567890-abc"),
        ("slack-webhook", "https://hooks.slack.com/services/" + "T0/B0/abc"),
        ("stripe-key", "sk_live_" + "a1" * 12),
        ("google-api-key", "AIza" + "a" * 35),
        ("jwt", "eyJhbGciOiJI.eyJzdWIiOiIx.sig"),
        ("url-credentials", "postgres://app:s3cret@db:5432/x"),
        ("authorization-header", "Authorization: Bearer abcdefgh1234"),
        ("password-assignment", "export DB_PASSWORD=hunter2"),
    ],
)
def test_kinds_of_secrets(rule: str, text: str) -> None:
    assert rule in hits(text)


@pytest.mark.parametrize(
    "text", ["", "live", "https://example.com/a", "us-east-1", "postgres://db/x"]
)
def test_what_is_no_secret_has_no_hits(text: str) -> None:
    assert hits(text) == []


def test_an_access_key_id_is_kept_its_secret_is_not() -> None:
    found = REDACTOR.redacted(f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET_KEY}")
    assert f"aws-access-key-id:{KEY_ID}" in found["redacted"]["hits"]
    assert "aws-secret-access-key" in found["redacted"]["hits"]
    assert SECRET_KEY not in str(found)


def test_the_name_tells_what_the_value_is() -> None:
    assert hits("hunter2hunter2", "DB_PASSWORD") == ["password-assignment"]
    assert hits("hunter2hunter2", "MODE") == []


@pytest.mark.parametrize("pack", [base64.b64encode, lambda d: base64.b64encode(gzip.compress(d))])
def test_packed_user_data_is_scanned(pack) -> None:
    packed = pack(b"#!/bin/sh\nexport DB_PASSWORD=hunter2\n").decode()
    assert readable(packed).startswith("#!/bin/sh")
    assert REDACTOR.redacted(packed)["redacted"]["hits"] == ["password-assignment"]


def test_what_only_looks_like_base64_is_taken_as_it_is() -> None:
    assert readable("hunter2hunter2AA") == "hunter2hunter2AA"


def test_a_gzip_bomb_is_scanned_up_to_a_limit() -> None:
    bomb = base64.b64encode(gzip.compress(b"a" * 50_000_000)).decode()
    assert len(readable(bomb)) <= 1024 * 1024


@given(st.text(min_size=1), st.text(min_size=1))
def test_equal_secrets_have_equal_hashes_and_others_do_not(one: str, two: str) -> None:
    first, second = (REDACTOR.redacted(v)["redacted"]["hash"] for v in (one, two))
    assert (first == second) == (readable(one) == readable(two))


def test_the_hash_cannot_be_made_without_the_key() -> None:
    other = Redactor(b"x" * 32)
    assert REDACTOR.redacted("hunter2") != other.redacted("hunter2")


def test_structure_around_a_value_stays() -> None:
    item = {"Environment": {"Variables": {"A": "one", "B": "two"}}, "Role": "arn"}
    REDACTOR.apply(item, "Environment.Variables.*")
    assert item["Role"] == "arn"
    assert set(item["Environment"]["Variables"]) == {"A", "B"}
    assert "one" not in str(item)
    assert "two" not in str(item)


def test_redacting_twice_changes_nothing() -> None:
    item = {"Environment": {"Variables": {"A": "one"}}}
    REDACTOR.apply(item, "Environment.Variables.*")
    before = str(item)
    REDACTOR.apply(item, "Environment.Variables.*")
    assert str(item) == before


def test_an_absent_value_stays_absent() -> None:
    item: dict[str, object] = {"UserData": {}}
    REDACTOR.apply(item, "UserData.Value")
    assert item == {"UserData": {}}


def test_the_users_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "config" / "redaction.key"
    assert user_key(path) == user_key(path)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_broken_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "redaction.key").write_bytes(b"short")
    with pytest.raises(RedactionKeyError, match=r"redaction\.key"):
        user_key(tmp_path / "redaction.key")


def test_who_makes_the_key_at_the_same_time_gets_the_same(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / str(number) / "redaction.key"
        together = threading.Barrier(8)

        def key(path: Path = path, together: threading.Barrier = together) -> bytes:
            together.wait()
            return user_key(path)

        with ThreadPoolExecutor(8) as pool:
            keys = {made.result() for made in [pool.submit(key) for _ in range(8)]}
        assert len(keys) == 1
        assert [left.name for left in path.parent.iterdir()] == ["redaction.key"]


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "redaction.key").mkdir()
    with pytest.raises(RedactionKeyError, match=r"redaction\.key.*cannot be used \(Is a directory"):
        user_key(tmp_path / "redaction.key")


def test_a_key_without_a_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RedactionKeyError, match="cannot be used"):
        user_key(tmp_path / "file" / "redaction.key")
