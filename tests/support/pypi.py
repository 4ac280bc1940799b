# SPDX-License-Identifier: Apache-2.0
"""Programs that e2e tests take from PyPI: each list of pinned requirements in a virtual environment of its own
under ${XDG_CACHE_HOME:-~/.cache}/userstream."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys


def cache():
    """The folder for what is fetched once and kept, made if it is not there."""
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "userstream"
    base.mkdir(parents=True, exist_ok=True)
    return base


def once(name, source, make):
    """The folder <name>-<digest of source> of the cache, filled by make(folder) if it is not complete."""
    digest = hashlib.sha256(source + sys.version.encode()).hexdigest()[:12]
    folder = cache() / f"{name}-{digest}"
    if (folder / "complete").exists():
        return folder  # without waiting for someone who makes another one
    with open(cache() / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            (folder / "complete").touch()
    return folder


def environment(requirements, name=None):
    """The folder of the virtual environment of a requirements file, made if it is not there; named by the file's folder
    unless told otherwise."""

    def make(folder):
        subprocess.run(["/usr/bin/python3", "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "-q", "--disable-pip-version-check", "-r", requirements],
                       check=True)

    return once(name or requirements.parent.name, requirements.read_bytes(), make)


def file_of(environment, pattern):
    """The one file of an environment's packages that matches."""
    found, = environment.glob(f"lib/python3*/site-packages/{pattern}")
    return found
