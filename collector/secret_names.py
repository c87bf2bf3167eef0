"""Which names say that a value is a secret, and which values only point to one."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib import resources
from typing import Any

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LONGEST_NAME = 200

_DYNAMIC = re.compile(r"\$\{[^{}\n]{0,300}\}")
_BETWEEN = " /:_.,@+-"
_REFERENCE = re.compile(
    r"""(?:
      arn:[\w-]{1,20}:[\w:/.*+=@,${}\#~-]*         # an ARN
    | \{\{\s*[\w.:/${}-]{1,600}\s*\}\}            # {{resolve:...}}, {{ parameter }}
    | \$\$?(?:\.[\w\[\]*.$'"-]{0,300})?          # JSONPath, the context object
    | \{%.{0,2000}%\}                            # JSONata
    | States\.\w{1,40}\(.{0,2000}\)              # an intrinsic of Step Functions
    | (?:AKIA|ASIA)[A-Z2-7]{16}                  # an access key id
    | \*{1,200} | -{1,200}
    | (?:[Tt]rue|[Ff]alse|TRUE|FALSE|[Nn]ull|NULL|[Nn]one|NONE|undefined|nil|yes|no)
    )""",
    re.VERBOSE | re.DOTALL,
)
_PLACEHOLDER = re.compile(
    r"""(?:
      \$\(.{0,4096} | `.{0,4096}                  # what a shell puts in
    | \$(?:env:)?[A-Za-z_]\w{0,100} | \$[0-9@*\#] | %[A-Za-z_]\w{0,100}% | %\w
    | <[\w -]{0,100}> | \[[\w -]{0,100}\] | x{3,100} | X{3,100}
    | !(?:Ref|GetAtt|ImportValue|FindInMap|Sub|Join|If|Select)\b.{0,500}
    | (?:os\.environ|os\.getenv|process\.env|System\.getenv|env\.|var\.|local\.)\S{0,300}
    | (?:[Ss]tring|str|int|bytes|NoEcho|SecureString|[Rr]equired|[Oo]ptional)
    )""",
    re.VERBOSE | re.DOTALL,
)


@cache
def facts() -> dict[str, Any]:
    """What stands in ``data/secret-rules.json``."""
    text = (resources.files("collector") / "data" / "secret-rules.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def words_of(name: str) -> list[str]:
    """``DBPassword_2`` -> ``["db", "password", "2"]``."""
    return [word.lower() for word in _WORD.findall(name[:_LONGEST_NAME])]


@cache
def _vocabulary() -> dict[str, frozenset[str]]:
    given = {name: given for name, given in facts()["names"].items() if isinstance(given, list)}
    return {name: frozenset(given) for name, given in given.items()}


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a name says that the value under it is a secret: ``DB_PASSWORD``, ``authToken``;
    not ``SecretArn``, ``MinimumPasswordLength``, ``NextToken``.
    """
    words = words_of(name)
    vocabulary = _vocabulary()
    joined = "".join(words)
    if not words or joined in vocabulary["never"] or joined.startswith("secretsmanager"):
        return False
    if joined in vocabulary["only"] or joined in vocabulary["secret"]:
        return True
    last = _last_secret(words, vocabulary)
    if last < 0:
        return False
    before = " ".join(words[:last])
    return vocabulary["not_after"].isdisjoint(words[last + 1 :]) and not any(
        f" {word} " in f" {before} " for word in vocabulary["not_before"]
    )


def ends_secret(name: str) -> bool:
    """Whether the name's last word is the secret's: what stands there is one, even a number."""
    words = words_of(name)
    while words and words[-1].isdigit():
        words.pop()
    vocabulary = _vocabulary()
    return is_secret_name(name) and _last_secret(words, vocabulary) == len(words) - 1


def _last_secret(words: list[str], vocabulary: dict[str, frozenset[str]]) -> int:
    """Where the last word (or the second of the last pair) is that names a secret; -1: none."""
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        pair = f"{words[index - 1]} {word}" if index else ""
        if word in vocabulary["secret"] or pair in vocabulary["pairs"]:
            return index
        if word not in vocabulary["never"] and any(p in word for p in vocabulary["within"]):
            return index
    return -1


def is_hash_name(name: str) -> bool:
    """Whether what stands under a name is an identifier or a hash of something public."""
    hashes = frozenset(facts()["hash_names"])
    return not hashes.isdisjoint(words_of(name))


def is_reference(value: str) -> bool:
    """Whether a value holds no secret of its own: an ARN, ``{{resolve:...}}``, ``${Parameter}``, a
    path into a state's input, an access key id, nothing.
    """
    value = value.strip()
    own = _DYNAMIC.sub("", value) if "${" in value else value
    return not own.strip(_BETWEEN) or _REFERENCE.fullmatch(own) is not None


def is_placeholder(value: str) -> bool:
    """Whether a word of a script or a sentence stands for something else: a variable, a command's
    output, ``<password>``, a type.
    """
    return is_reference(value) or _PLACEHOLDER.fullmatch(value.strip()) is not None
