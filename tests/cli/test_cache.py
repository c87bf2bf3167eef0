"""The graph in the cache: several commands at once, and a cache that cannot be written."""

from __future__ import annotations

import subprocess
import sys

RUN = "import sys; from mapper.cli import run; sys.exit(run(sys.argv[1:]))"
ASK = (sys.executable, "-c", RUN, "query", "accounts", "--format", "json")


def test_commands_on_a_cold_cache_wait_for_the_one_that_builds(place, mapper) -> None:
    started = [
        subprocess.Popen(ASK, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = [process.communicate(timeout=300) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], told
    alone = mapper("query", "accounts", "--format", "json")
    assert {out for out, _ in told} == {alone.out}
    assert sum("Deriving" in err for _, err in told) == 1


def test_without_a_cache_to_write_the_answer_comes_from_memory(place, mapper, monkeypatch) -> None:
    cached = mapper("query", "accounts", "--format", "json")
    (place.folder / "file").write_text("no directory")
    monkeypatch.setenv("MAPPER_CACHE", str(place.folder / "file" / "cache"))
    outcome = mapper("query", "accounts", "--format", "json")
    assert (outcome.code, outcome.out) == (0, cached.out)
    assert outcome.err.count("Warning: the cache directory") == 1
    assert "Warning" not in cached.err
