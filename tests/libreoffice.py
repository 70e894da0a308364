"""LibreOffice as a clerk uses it: opening a file and saving it again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def converted(path: Path, folder: Path, kind: str) -> Path:
    """The file opened and saved again by LibreOffice, as a clerk would."""
    if shutil.which("soffice") is None:
        if os.environ.get("CI"):
            pytest.fail("CI has to have LibreOffice")
        pytest.skip("no LibreOffice on this machine")
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=200)
    return folder / f"{path.stem}.{kind.split(':', maxsplit=1)[0]}"
