# SPDX-License-Identifier: Apache-2.0
"""Virtual environments from pinned requirements, made once under ${XDG_CACHE_HOME:-~/.cache}/userstream."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys


def environment(requirements):
    """The folder of the environment of a requirements file, named by the file's folder and what is in it."""
    name = requirements.parent.name
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "userstream"
    folder = base / f"{name}-{digest}"
    base.mkdir(parents=True, exist_ok=True)
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run(["/usr/bin/python3", "-m", "venv", folder], check=True)
            subprocess.run([folder / "bin/pip", "install", "-q", "--disable-pip-version-check", "-r", requirements],
                           check=True)
            (folder / "complete").touch()
    return folder
