"""The `sheetcrm` command: its subcommands are imported only when they are called."""

from importlib import import_module

import click

from sheetcrm.errors import SheetcrmError

COMMANDS = {
    "new": "sheetcrm.cli.new:new",
    "check": "sheetcrm.cli.check:check",
    "summarise": "sheetcrm.cli.summarise:summarise",
    "weekly": "sheetcrm.cli.weekly:weekly",
    "demo": "sheetcrm.cli.demo:demo",
}


class Commands(click.Group):
    """Subcommands imported on demand; an error that stops a run becomes one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        module, _, function = COMMANDS.get(cmd_name, "").partition(":")
        command = getattr(import_module(module), function) if module else None
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; exit with the code of the error that stopped it."""
        try:
            return super().invoke(ctx)
        except SheetcrmError as problem:
            click.echo(str(problem), err=True)
            ctx.exit(problem.exit_code)


@click.group(cls=Commands)
def main() -> None:
    """Validated sales workbooks, weekly checks and summaries, for teams who live in Excel."""
