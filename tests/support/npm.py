# SPDX-License-Identifier: Apache-2.0
"""npm packages for tests, installed by their lock file into a folder of
${XDG_CACHE_HOME:-~/.cache}/userstream that is named by what it was made from."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess


def installed(source):
    """`source` with package.json, package-lock.json and programs: a copy of it with node_modules/."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(source.iterdir()) if path.is_file()))
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "userstream"
    base.mkdir(parents=True, exist_ok=True)
    folder = base / f"npm-{source.name}-{digest.hexdigest()[:12]}"
    with open(base / "npm.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder,
                           check=True, stdout=subprocess.DEVNULL)
            (folder / "complete").touch()
    return folder
