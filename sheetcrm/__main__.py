"""`python -m sheetcrm` is the `sheetcrm` command."""

from sheetcrm.cli.main import run

run()
