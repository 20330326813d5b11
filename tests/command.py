"""A command of the program, run in this process."""

from click.testing import CliRunner, Result

from sheetcrm.cli.main import main


def run_command(*arguments: str, answers: str | None = None) -> Result:
    """Run `sheetcrm` with these arguments; an exception that nobody expected fails the test."""
    return CliRunner(catch_exceptions=False).invoke(main, arguments, input=answers)
