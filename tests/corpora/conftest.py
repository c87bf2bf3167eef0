"""Corpus files, imported once per session."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.corpora import account_details, accounts_and_resources, files
from tests.corpora.imported import Imported, imported


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Imported]:
    """A corpus file of accounts by its name; the converter is given its data part only."""
    known: dict[str, Imported] = {}

    def find(name: str) -> Imported:
        if name not in known:
            held = files.read(name)
            folder = tmp_path_factory.mktemp("corpus")
            if "accounts" in held:
                data = files.data_part(held)
                known[name] = imported(
                    folder, lambda root: accounts_and_resources.convert(data, root)
                )
            else:
                known[name] = imported(folder, lambda root: account_details.convert(held, root))
        return known[name]

    return find
