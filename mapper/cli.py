"""The ``mapper`` command: what there is, loaded only when it is used."""

from __future__ import annotations

import gc
import importlib
import keyword
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mapper.errors import FAILED, MapperError, ReaderGoneError, sentence_of

COMMANDS = {
    "demo": "Play an organisation on a local AWS simulator, collect it, answer and draw.",
    "scan": "The first hour on real AWS: look, collect, answer, draw.",
    "preflight": "What these credentials can see, and what to ask for, before collecting.",
    "collect": "Read AWS accounts into a snapshot (files). Only reading calls are made.",
    "import": "Make a snapshot of what you were sent: account details, recorded answers.",
    "coverage": "What a snapshot has seen, and what it could not see.",
    "load": "Load a snapshot into a graph: the embedded one, or Neo4j.",
    "public": "What the internet, or any AWS account, reaches.",
    "trusts": "Who trusts whom across accounts, and what is shared, as chains.",
    "admins": "Who reaches admin; with --compute: which machines' roles do.",
    "paths": "Attack paths: from the internet, or anything, to admin, data, or anything.",
    "blast": "Everything that follows from control of one thing.",
    "reach": "Whether one thing can send packets to another, or to the internet, and how.",
    "can": "Whether a principal can do an action on a resource; alone: what it can do.",
    "who-can": "Who can do an action on a resource.",
    "find": "An address, host name, access key id, ARN or tag: whose, where, exposed?",
    "explain": "The proof behind a row, and the locks behind a no.",
    "query": "Run a query of the library, or Cypher of your own.",
    "completion": "Print a script that lets a shell complete commands, principals and actions.",
    "map": "Draw a map as one HTML file that works offline.",
}
"""Name to the line that ``mapper --help`` shows; the code is in ``mapper.commands.NAME`` (with an
underscore after a word that Python keeps for itself)."""


class LazyCommands(click.Group):
    """A group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module_name = cmd_name.replace("-", "_") + "_" * keyword.iskeyword(cmd_name)
        module = importlib.import_module(f"mapper.commands.{module_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is no such one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.5)
            hint = f" Did you mean: mapper {near[0]}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start here: mapper demo (no AWS needed), or: mapper scan.",
)
@click.version_option(package_name="aws-mapper", prog_name="mapper")
def root() -> None:
    """Map AWS accounts: what the internet reaches, who trusts whom, which machines reach admin.

    AWS is read into a snapshot, the snapshot becomes a graph, the graph answers. Every answer
    comes with its proof, and says what could not be seen.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; never with a traceback. SIGTERM ends it as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Facts and graphs are large and hold no cycles: looking for some took a quarter of the time.
    gc.set_threshold(50_000, 20, 100)
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code of CONTRACT 4."""
    try:
        from mapper.packages import check_packages

        check_packages()
        result = root.main(args=list(arguments), prog_name="mapper", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        _say("Stopped. What was finished is kept.")
        return FAILED
    except (BrokenPipeError, ReaderGoneError):
        _quieten_stdout()
        return 0
    except MapperError as problem:
        _say(f"Error: {problem}")
        return problem.exit_code
    except Exception as problem:
        return _last_resort(problem)


def _last_resort(problem: Exception) -> int:
    sentence = sentence_of(problem)
    if sentence is None:
        from mapper.crash import keep_traceback

        sentence = keep_traceback(problem)
    _say(f"Error: {sentence}")
    return int(getattr(problem, "exit_code", FAILED))


def _say(text: str) -> None:
    from viz.display_text import shown

    try:
        click.echo(shown(text, lines=True), err=True)
    except BrokenPipeError:
        _quieten_stdout()


def _quieten_stdout() -> None:
    """Let the interpreter's own flush at exit go nowhere instead of complaining."""
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    main()
