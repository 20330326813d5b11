"""LibreOffice, for tests that need another program to open what we wrote."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest


def resaved(files: Sequence[Path], folder: Path) -> list[Path]:
    """Open files in LibreOffice and save each as .xlsx, all in one call; return the new files.

    Skips the test where LibreOffice is not installed; fails there if CI is set.
    """
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing in CI")
        pytest.skip("LibreOffice is not installed")
    profile = (folder / "profile").as_uri()
    out = folder / "resaved"
    command = [program, "--headless", f"-env:UserInstallation={profile}"]
    command += ["--convert-to", "xlsx", "--outdir", str(out), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return [out / f"{file.stem}.xlsx" for file in files]
