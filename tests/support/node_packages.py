# SPDX-License-Identifier: Apache-2.0
"""The npm packages of tests/conformance/node, installed by their lock file into build/node/<digest of it>."""

import fcntl
import hashlib
import shutil
import subprocess

from support.procs import ROOT

SOURCE = ROOT / "tests/conformance/node"


def folder():
    """A folder with node_modules/ and the programs that use them."""
    digest = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()[:12]
    base = ROOT / "build/node"
    made = base / digest
    base.mkdir(parents=True, exist_ok=True)
    with open(base / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made.mkdir(exist_ok=True)
        for source in SOURCE.iterdir():
            if source.is_file():
                shutil.copy(source, made)
        if not (made / "complete").exists():
            subprocess.run(["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund",
                            "--loglevel=error"], cwd=made, check=True, stdout=subprocess.DEVNULL)
            (made / "complete").touch()
    return made
