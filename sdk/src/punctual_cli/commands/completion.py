"""`completion bash|zsh|fish`: what a shell needs to complete commands, options and the names of tasks."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from punctual_cli.completing import VARIABLE

HOW = {
    "bash": 'eval "$(punctual completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(punctual completion zsh)" in ~/.zshrc, after compinit',
    "fish": "punctual completion fish > ~/.config/fish/completions/punctual.fish",
}

AS_IT_IS = "COMPREPLY+=($value)"
"""What click has bash take: a name with a blank in it would become two words, and `*` the files of the folder."""
QUOTED = """\
if [[ ${COMP_WORDS[COMP_CWORD]} == [\\"\\']* ]]; then
                COMPREPLY+=("$value")
            else
                COMPREPLY+=("$(printf %q "$value")")
            fi"""
"""As one word, unless whoever types has begun a quotation."""


@click.command(epilog="\b\n" + "\n".join(HOW.values()))
@click.argument("shell", type=click.Choice(tuple(HOW)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what a shell needs to complete commands, options and the names of tasks."""
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    source = found(context.find_root().command, {}, "punctual", VARIABLE).source()
    click.echo(source.replace("read type value", "read -r type value").replace(AS_IT_IS, QUOTED))
