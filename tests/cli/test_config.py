"""mapper.toml: found upwards, read strictly."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from mapper.config import Config, load_config
from mapper.errors import MapperError

WHOLE = """
query_paths = ["queries"]
[accounts]
"111111111111" = "prod"
[trusted]
accounts = ["222222222222"]
cidrs = ["198.51.100.0/24", "2001:db8::/32"]
[vendors]
"333333333333" = "Acme"
[[accepted]]
key = "0123abcd"
reason = "public web site"
until = 2027-01-31
"""


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "mapper.toml").write_text(WHOLE)
    config = load_config(start=tmp_path)
    assert config.accounts == {"111111111111": "prod"}
    assert config.trusted_accounts == ("222222222222",)
    assert config.trusted_cidrs == ("198.51.100.0/24", "2001:db8::/32")
    assert config.vendors == {"333333333333": "Acme"}
    assert config.query_paths == (tmp_path / "queries",)


def test_it_is_found_in_a_folder_above(tmp_path: Path) -> None:
    (tmp_path / "mapper.toml").write_text(WHOLE)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert load_config(start=below).path == tmp_path / "mapper.toml"
    assert load_config(start=Path("/proc")) == Config()


def test_an_accepted_risk_ends(tmp_path: Path) -> None:
    (tmp_path / "mapper.toml").write_text(WHOLE)
    config = load_config(start=tmp_path)
    assert config.accepted_on(datetime.date(2027, 1, 31)) == {"0123abcd": "public web site"}
    assert config.accepted_on(datetime.date(2027, 2, 1)) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("acounts = 1", "unknown key 'acounts'. Did you mean 'accounts'?"),
        ("[trusted]\ncidr = []", "unknown key 'cidr'. Did you mean 'cidrs'?"),
        ("[accounts]\nprod = 'x'", "'prod' is not an account id"),
        ("[accounts]\n'111111111111' = 1", "needs a name in quotes"),
        ("accounts = 1", "write [accounts]"),
        ("[trusted]\ncidrs = ['10.0.0.0/33']", "not an address range"),
        ("[trusted]\ncidrs = 'x'", "is a list of texts"),
        ("query_paths = 'x'", "query_paths is a list of texts"),
        ("[accepted]\nkey = 'x'", "write [[accepted]]"),
        ("[[accepted]]\nkey = 'short'\nreason = 'x'", "eight characters or more"),
        ("[[accepted]]\nkey = '0123abcd'", "needs a reason"),
        ("[[accepted]]\nkey = '0123abcd'\nreason = 'x'\nuntil = 'soon'", "until is a date"),
        ("= broken", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mapper.toml"
    path.write_text(text)
    with pytest.raises(MapperError) as problem:
        load_config(path)
    assert says in str(problem.value)
    assert str(path) in str(problem.value)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(MapperError, match="cannot be read"):
        load_config(tmp_path / "nowhere.toml")


def test_sensitive_tags_are_a_list_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "mapper.toml"
    path.write_text('[sensitive]\ntags = ["pii", "class=secret"]\n')
    assert load_config(path).sensitive_tags == ("pii", "class=secret")
    path.write_text('[sensitive]\ntags = "pii"\n')
    with pytest.raises(MapperError, match="list of texts"):
        load_config(path)
    path.write_text('[sensitive]\ntagz = ["pii"]\n')
    with pytest.raises(MapperError, match="tags"):
        load_config(path)
