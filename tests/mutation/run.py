#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks each promise on purpose and demands that the named test notices: make mutants (ARGS='"words of a name" ...' for some).

Each mutant of mutants.py is one replacement in a copy of the tree under build/mutants/. The test must pass there
before and fail after. The last line is "N passed, N failed, 0 skipped"; a mutant that survives is a failure, and so
is one whose place in the source is not found any more or that does not compile.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from mutants import MUTANTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build/mutants"
TEST_TIMEOUT_S = 300


def copy_tree():
    """The tracked and the new files, as they are now; objects of an earlier run stay, so little is built again."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True,
        text=True,
    ).stdout.splitlines()
    COPY.mkdir(parents=True, exist_ok=True)
    for old in COPY.rglob("*.[ch]"):
        if "build" not in old.relative_to(COPY).parts and str(old.relative_to(COPY)) not in listed:
            old.unlink()
    for name in listed:
        source, target = ROOT / name, COPY / name
        if not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copy(source, target)


def build(test):
    """Builds what the test needs. Returns its output if that fails, else None."""
    targets = ["binaries", "test-tools"] if test.startswith("tests/") else [f"build/asan/unit/{test.split('::')[0]}"]
    run = subprocess.run(
        ["make", "--no-print-directory", "-j2", "PROFILE=asan", *targets], cwd=COPY, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    return run.stdout if run.returncode != 0 else None


def passes(test):
    """Whether the test passes; one that hangs does not."""
    if test.startswith("tests/"):
        command = ["/usr/bin/python3", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    else:
        command = [f"build/asan/unit/{test.split('::')[0]}"]
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1", CMOCKA_MESSAGE_OUTPUT="TAP")
    try:
        run = subprocess.run(
            command, cwd=COPY, env=environment, check=False, timeout=TEST_TIMEOUT_S, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
    except subprocess.TimeoutExpired:
        return False
    if test.startswith("tests/"):
        return run.returncode == 0
    # cmocka runs all tests of a binary: the named one counts. One that crashes leaves no "ok" line.
    name = test.split("::")[1]
    return any(re.fullmatch(rf"ok \d+ - {re.escape(name)}", line) for line in run.stdout.splitlines())


def try_mutant(mutant):
    """None if the test noticed, else what went wrong."""
    path = COPY / mutant["file"]
    original = path.read_text()
    count = original.count(mutant["old"])
    if count != 1:
        return f"{mutant['file']} holds the text to replace {count} times: bring mutants.py up to date"
    path.write_text(original.replace(mutant["old"], mutant["new"]))
    try:
        broken = build(mutant["test"])
        if broken is not None:
            return "does not compile:\n" + broken[-2000:]
        return "SURVIVED" if passes(mutant["test"]) else None
    finally:
        path.write_text(original)


def check():
    """Whether each mutant still finds its place in the sources; `make lint` asks."""
    lost = [m for m in MUTANTS if (ROOT / m["file"]).read_text().count(m["old"]) != 1]
    for mutant in lost:
        print(f"tests/mutation/mutants.py: {mutant['file']} does not hold the text of '{mutant['name']}' exactly once")
    return 1 if lost else 0


def main(wanted):
    if wanted == ["--check"]:
        return check()
    mutants = [m for m in MUTANTS if not wanted or any(words in m["name"] for words in wanted)]
    if not mutants:
        print("no mutant has such a name; there are:", *(f"  {m['name']}" for m in MUTANTS), sep="\n")
        return 2
    copy_tree()
    caught = failed = 0
    for test in sorted({mutant["test"] for mutant in mutants}):
        broken = build(test)
        if broken is not None or not passes(test):
            print(f"  {test} does not pass on the tree as it is\n{(broken or '')[-2000:]}", flush=True)
            failed += 1
            mutants = [mutant for mutant in mutants if mutant["test"] != test]
    for mutant in mutants:
        started = time.monotonic()
        wrong = try_mutant(mutant)
        verdict = wrong or "caught by"
        print(f"  {mutant['name']:<48} {verdict}  {time.monotonic() - started:.0f} s  {mutant['test']}", flush=True)
        failed += wrong is not None
        caught += wrong is None
    print(f"{caught} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
