"""``mapper completion``."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_MAPPER_COMPLETE"
_BASH = """# Actions and ARNs have colons: they are one word.
COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}
"""


@click.command(
    name="completion",
    epilog="bash: mapper completion bash > ~/.local/share/bash-completion/completions/mapper; "
    "zsh: mapper completion zsh > ~/.zfunc/_mapper (and fpath+=~/.zfunc); "
    "fish: mapper completion fish > ~/.config/fish/completions/mapper.fish",
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print a shell's script that completes commands, options, principals and actions.

    Principals and resources are those of the snapshot that would be asked: MAPPER_SNAPSHOT, or
    the newest under ./snapshots.
    """
    from click.shell_completion import get_completion_class

    from mapper.cli import root
    from mapper.output.write import write_text

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    source = found.source_template % found(root, {}, "mapper", VARIABLE).source_vars()
    write_text(f"{_BASH if shell == 'bash' else ''}{source.strip()}\n", None)
    return 0
