# SPDX-License-Identifier: Apache-2.0
"""`up`, `status` and `down`: the stack as background processes, remembered in var/up.json.

A process is remembered with its start time and the machine's boot, so `down` never hits another one.
"""

import json
import os
import pathlib
import sys
import time

from . import balance
from .process import Process
from .stack import Stack, StackError, lock

RATE = 10  # users per second, as the fetcher's own default
BUFFER_INTERVAL_MS = 10000


def _file(settings):
    return settings.var / "up.json"


def _boot_id():
    return pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _remember(stack):
    record = {
        "boot": _boot_id(),
        "since": time.time(),
        "processes": [
            {"name": process.name, "pid": process.pid, "started": process.started, "port": process.port,
             "log": str(process.log)}
            for process in stack.processes.values()
        ],
    }
    temporary = _file(stack.settings).with_suffix(".new")
    temporary.write_text(json.dumps(record, indent=1))
    temporary.rename(_file(stack.settings))


def _recall(settings):
    """The remembered stack, with `since` in its context; None if there is none of this boot."""
    try:
        record = json.loads(_file(settings).read_text())
    except (OSError, ValueError):
        return None
    if record["boot"] != _boot_id():
        return None
    stack = Stack(settings, background=True)
    stack.context["since"] = record["since"]
    for entry in record["processes"]:
        stack.processes[entry["name"]] = Process(
            entry["name"], entry["port"], entry["log"], entry["pid"], entry["started"]
        )
    return stack


def running_in_background(settings):
    stack = _recall(settings)
    return stack is not None and any(process.running() for process in stack.processes.values())


def up(settings):
    held = lock(settings)
    if held is None:
        print(f"up: `make run` is using {settings.var}", file=sys.stderr)
        return 1
    with held:
        if running_in_background(settings):
            print("up: it is running already")
            return status(settings)
        return _start(settings)


def _start(settings):
    stack = Stack(settings, background=True)
    try:
        stack.prepare(RATE, settings.overrides.get("FETCHER_LIMIT", "0"), BUFFER_INTERVAL_MS)
        mistakes = stack.check_configuration()
        if mistakes:
            print("\n".join(["up: wrong configuration, nothing was started", *mistakes]), file=sys.stderr)
            return 2
        stack.start(on_started=lambda: _remember(stack))
    except (StackError, KeyboardInterrupt) as error:
        stack.stop()
        _file(settings).unlink(missing_ok=True)
        if isinstance(error, KeyboardInterrupt):
            return 130
        if error.process is not None:
            print("".join(f"    {line}\n" for line in error.process.log_lines()[-12:]), end="", file=sys.stderr)
        print(f"up: {error}", file=sys.stderr)
        return 1
    _write_keys(stack)
    for note in stack.notes:
        print(note)
    return status(settings)


def _write_keys(stack):
    """For a shell of the user's: `. var/aws.env`, then any AWS client. Readable for the user alone."""
    path = stack.settings.var / "aws.env"
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            f"export AWS_ENDPOINT_URL=http://127.0.0.1:{stack.context['local-aws']}\n"
            "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n"
            f"export AWS_ACCESS_KEY_ID={stack.context['access_key_id']}\n"
            f"export AWS_SECRET_ACCESS_KEY={stack.context['secret_access_key']}\n"
        )


def status(settings):
    """Prints the processes and the counters. Exit code 0 if all are up, else 1."""
    stack = _recall(settings)
    if stack is None:
        print("not running; `make up` starts it")
        return 1
    bad = 0
    print(f"  {'part':<18} {'pid':>8}  {'address':<24} state")
    for process in stack.processes.values():
        state = _state(process)
        bad += state not in ("ready", "done")
        print(f"  {process.name:<18} {process.pid:>8}  http://127.0.0.1:{process.port:<7} {state}")
    stack.read_metrics()
    counts = stack.counts()
    seconds = time.time() - stack.context["since"]
    print(f"\n  since {seconds:.0f} s")
    for name, count in balance.stages(counts):
        print(f"  {name:<20} {count:>8} {count / max(seconds, 1):>8.1f}/s")
    for line in balance.set_aside(counts):
        print(f"  {line}")
    print(f"\n  results {stack.relative(settings.var / 's3')}/   logs {stack.relative(settings.var / 'log')}/")
    # The endpoint is named because Debian 12's aws does not read AWS_ENDPOINT_URL yet.
    print(f"  AWS clients: . {stack.relative(settings.var / 'aws.env')}; "
          "aws --endpoint-url $AWS_ENDPOINT_URL s3 ls --recursive s3://user-data")
    return 1 if bad else 0


def _state(process):
    if not process.running():
        done = process.name == "fetcher" and not process.reason()
        return "done" if done else "ended: " + (process.reason() or "see its log")
    return "ready" if process.ready() else "not ready: " + process.not_ready_reason()


def down(settings):
    stack = _recall(settings)
    if stack is None:
        _file(settings).unlink(missing_ok=True)
        print("not running")
        return 0
    problems = stack.stop()
    for problem in problems:
        print(f"down: {problem}", file=sys.stderr)
    _file(settings).unlink(missing_ok=True)
    (settings.var / "aws.env").unlink(missing_ok=True)
    print("stopped")
    return 1 if problems else 0
