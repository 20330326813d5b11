"""Which state of the program gave a result."""

import re
import tomllib
from pathlib import Path

from sheetcrm.workflows.program import DECISIVE, FILES, LIBRARIES, program, version_of


def test_libraries__all_that_are_installed_with_the_program():
    project = Path(__file__).parents[2] / "pyproject.toml"
    wanted = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    assert sorted(LIBRARIES) == sorted(re.split("[>=]", name)[0] for name in wanted)


def test_program__its_files_and_every_library_that_decides():
    facts = program()
    assert set(facts) == {"sheetcrm", "Python", *DECISIVE, FILES}
    assert all(facts.values())
    assert version_of("没有") == ""
