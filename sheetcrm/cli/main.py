"""The `sheetcrm` command: its subcommands are imported only when they are called."""

import click


@click.group()
def main() -> None:
    """Validated sales workbooks, weekly checks and summaries, for teams who live in Excel."""
