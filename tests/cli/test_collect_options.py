"""What the options of ``mapper collect`` ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapper.cli import run

NAMED = '[accounts]\n"111122223333" = "prod"\n"444455556666" = "{other}"\n'


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("prod", "several accounts 'prod': give the id (111122223333, 444455556666)"),
        # its twin names one account, and is refused only for want of credentials
        ("dev", "No AWS credentials were found"),
    ],
)
def test_a_name_of_several_accounts_is_no_name(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    other: str,
    words: str,
) -> None:
    (tmp_path / "mapper.toml").write_text(NAMED.format(other=other))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    code = run(["collect", "--account", "prod"])
    assert words in capsys.readouterr().err
    assert code == (2 if other == "prod" else 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--profile", "a,b", "--org"], "Several profiles"),
        (
            ["--role-arn", "arn:aws:iam::111122223333:role/x", "--account", "111122223333"],
            "--role-arn names its account itself",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["collect", *options]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
