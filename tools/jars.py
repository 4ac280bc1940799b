# SPDX-License-Identifier: Apache-2.0
"""Java archives from Maven Central, each compared with a pinned SHA-256 sum. For tools/kafka and tools/flink."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_HERE = 3


class Failure(Exception):
    """code 1: something failed; NOT_HERE: it cannot be had here (no Java, no Maven, no network)."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def cache(name):
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "userstream" / name


def sums(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.jar"))}


def write_pins(folder, pins):
    pins.write_text("".join(f"{digest}  {name}\n" for name, digest in sums(folder).items()))


def wrong(folder, pins):
    """Names of the archives that are not what the file of sums says."""
    found = sums(folder)
    pinned = {name: digest for digest, name in (line.split() for line in pins.read_text().splitlines())}
    return sorted(name for name in found.keys() | pinned.keys() if found.get(name) != pinned.get(name))


def maven(pom, repository, *arguments, what):
    """Runs Maven; `repository` keeps what it downloads."""
    for program, package in (("mvn", "maven"), ("java", "default-jdk-headless")):
        if not shutil.which(program):
            raise Failure(f"{program} is missing (Debian package {package})", NOT_HERE)
    command = ["mvn", "-B", "-q", "-f", pom, f"-Dmaven.repo.local={repository}", *arguments]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if run.returncode != 0:
        said = run.stdout.decode(errors="replace").strip()
        unreachable = "Could not resolve" in said or "Could not transfer" in said or "Could not find artifact" in said
        raise Failure(f"Maven failed to {what}:\n{said[-4000:]}", NOT_HERE if unreachable else 1)


def copy_dependencies(pom, repository, folder, *arguments):
    """The archives that a pom depends on, into `folder`, which is replaced."""
    work = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(work, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        maven(pom, repository, "dependency:copy-dependencies", f"-DoutputDirectory={work}", *arguments,
              what=f"get what {pom.relative_to(ROOT)} names")
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check(folder, pins):
    names = wrong(folder, pins)
    if names:
        raise Failure(f"not what {pins.relative_to(ROOT)} says: {', '.join(names)}")


@contextlib.contextmanager
def lock(folder):
    """One process at a time works in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_main(name, main):
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        sys.exit(failure.code)
