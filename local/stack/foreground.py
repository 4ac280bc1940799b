# SPDX-License-Identifier: Apache-2.0
"""`run`: a given number of users through the whole pipeline, shown live, checked, and stopped again."""

import shutil
import signal
import sys
import time

from . import balance, parts, progress, results
from .background import running_in_background
from .process import STOP_SIGNALS
from .stack import Stack, StackError, lock

TICK_S = 0.1
LOG_TAIL_LINES = 12
SPREAD_S = 4  # without FETCHER_RATE the users are spread over about this time, so that one sees them move
BUFFER_INTERVAL_MS = 1000
EXIT_INTERRUPTED = 130


class Interrupted(Exception):
    """Ctrl-C, or one of its relatives."""


def _interrupt(number, _frame):
    raise Interrupted(number)


def _set_signals(handler):
    for number in STOP_SIGNALS:
        signal.signal(number, handler)


def say(text=""):
    print(text, flush=True)


def complain(text):
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


def run(settings):
    held = lock(settings)
    if held is None or running_in_background(settings):
        what = "another `make run`" if held is None else "the background stack (`make down` ends it)"
        complain(f"run: {what} is using {settings.var}")
        return 1
    with held:
        return _run_locked(settings)


def _run_locked(settings):
    stack = Stack(settings, background=False)
    rate = max(50, settings.users // SPREAD_S)
    code = 1
    try:
        _set_signals(_interrupt)
        stack.prepare(rate, settings.users, BUFFER_INTERVAL_MS)
        mistakes = stack.check_configuration()
        if mistakes:
            complain("\n".join(["run: wrong configuration, nothing was started", *mistakes]))
            code = 2
        else:
            code = _stream(stack)
    except Interrupted as interrupt:
        say("\ninterrupted: stopping everything")
        code = EXIT_INTERRUPTED if interrupt.args[0] == signal.SIGINT else 128 + interrupt.args[0]
    except StackError as error:
        _explain(stack, error)
    finally:
        code = _end(stack, code)
    return code


def _stream(stack):
    """Starts all, waits for the end, stops all, and judges. Returns the exit code."""
    users, began = stack.settings.users, time.monotonic()
    for note in stack.notes:
        say(note)
    source = stack.settings.fetcher_url or "the local generator"
    say(f"streaming {users} users from {source} (seed {stack.context['seed']})")
    stack.start()
    say(f"{len(stack.processes)} processes are ready after {time.monotonic() - began:.1f} s\n")
    shown = progress.view(users)
    counts = _watch(stack, shown)
    problems = stack.stop()
    found = results.files(stack.context["s3_dir"])
    counts.lines = results.count_lines(found)
    shown.show(counts, finished=True)
    return _summary(stack, counts, found, problems, time.monotonic() - began)


def _watch(stack, shown):
    """Follows the counters until all users are through; StackError when a part ends or nothing moves."""
    users, before, moved = stack.settings.users, None, time.monotonic()
    while True:
        stack.check_running()
        stack.read_metrics()
        counts = stack.counts()
        shown.show(counts)
        if balance.finished(counts, users):
            return counts
        if counts != before:
            before, moved = counts, time.monotonic()
        elif time.monotonic() - moved > stack.settings.stall_s:
            name, text = balance.stalled_at(counts, users)
            told = stack.processes[name].reason()
            raise StackError(
                f"nothing has moved for {stack.settings.stall_s:.0f} s: {name} {text}" + (f"; {told}" if told else ""),
                stack.processes[name],
            )
        time.sleep(TICK_S)


def _summary(stack, counts, found, problems, seconds):
    say(f"\nbalance after {seconds:.1f} s")
    broken = 0
    for check in balance.checks(counts):
        broken += not check.holds
        verdict = "ok" if check.holds else "DOES NOT HOLD"
        say(f"  {check.text:<58} {check.left:>8} {check.right:>8}  {verdict}")
    for line in balance.set_aside(counts):
        say(f"  {line}")
    for problem in problems:
        complain(f"run: {problem}")
    _show_results(stack, found)
    if broken or problems:
        complain(f"run: failed: {broken} of the balance's lines do not hold, {len(problems)} parts ended badly")
        return 1
    return 0


def _show_results(stack, found):
    if not found:
        say("\nno file was delivered (did no user match?)")
        return
    say(f"\n{len(found)} files in {stack.relative(stack.context['s3_dir'] / parts.BUCKET)}, the first lines:")
    for line in results.first_lines(found, 3):
        say(f"  {line}")
    log = stack.relative(stack.settings.var / "log")
    say(f"\nnext: find {stack.relative(stack.context['s3_dir'])} -type f    the files, as S3 would hold them")
    say("      make run USERS=20000             more of them")
    say("      make up                          the same in the background; make status, make down")
    say("      make test                        the proofs")
    say(f"logs: {log}/")


def _explain(stack, error):
    """The one line that counts comes last, where one looks."""
    if error.process is not None:
        lines = error.process.log_lines()[-LOG_TAIL_LINES:]
        complain(f"\nthe end of {stack.relative(error.process.log)}:")
        complain("\n".join(f"    {line}" for line in lines) or "    (empty)")
        complain(f"all logs are in {stack.relative(stack.settings.var / 'log')}/, "
                 f"states in {stack.relative(stack.state_dir)}/")
    complain(f"run: {error}")


def _end(stack, code):
    """Stops what still runs; a second Ctrl-C ends it at once. States are kept after a failure only."""
    try:
        stack.stop()
    except Interrupted:
        stack.kill()
        return EXIT_INTERRUPTED
    _set_signals(signal.SIG_IGN)
    if code == 0:
        shutil.rmtree(stack.state_dir, ignore_errors=True)
    return code
