# SPDX-License-Identifier: Apache-2.0
"""All processes together: started in waves, each when the one before is ready, and stopped in order."""

import datetime
import fcntl
import os
import shutil
import signal
import subprocess
import time

from . import balance, parts
from .process import Process, free_port, port_is_free
from .settings import ROOT

STOP_TIMEOUT_S = 20


class StackError(Exception):
    """A failure as one line, and the process whose log tells more (or None)."""

    def __init__(self, message, process=None):
        super().__init__(message)
        self.process = process


class Stack:
    def __init__(self, settings, background):
        self.settings = settings
        self.background = background
        self.processes = {}
        self.notes = []  # what the user should know
        self.state_dir = None
        self.context = {}
        self.fetcher_end = None

    # --- preparation ----------------------------------------------------------------------------------

    def prepare(self, rate, limit, buffer_interval_ms):
        """Chooses ports, keys and folders. Nothing is started yet."""
        settings = self.settings
        now = datetime.datetime.now(datetime.timezone.utc)
        self.state_dir = settings.var / "run" / f"{now:%Y%m%dT%H%M%SZ}-{os.getpid()}"
        self._move_earlier_results()
        (settings.var / "s3").mkdir(parents=True, exist_ok=True)
        (self.state_dir / "aws").mkdir(parents=True)
        self.context = {
            "state_dir": self.state_dir,
            "s3_dir": settings.var / "s3",
            "fetcher_limit": limit,
            "fetcher_rate": rate,
            "buffer_interval_ms": buffer_interval_ms,
            "seed": settings.overrides.get("FETCHER_SEED") or f"run-{now:%Y%m%d%H%M%S}",
            "bootstrap_servers": "127.0.0.1:9092",  # until Kafka says
            **parts.random_keys(),
        }
        for name in parts.names(settings):
            self.context[name] = self._choose_port(name)
        self.context["fetcher_url"] = (
            settings.fetcher_url or f"http://127.0.0.1:{self.context.get('local-randomuser')}/api/1.4/"
        )

    def _choose_port(self, name):
        wanted = parts.FIXED_PORTS[name]
        if self.background:
            if port_is_free(wanted):
                return wanted
            self.notes.append(f"port {wanted} is in use, so {name} takes another")
        return free_port(self.context.values())

    def _move_earlier_results(self):
        """Results of the run before become var/s3.previous; states of ended runs go."""
        results, previous = self.settings.var / "s3", self.settings.var / "s3.previous"
        if results.is_dir() and any(results.iterdir()):
            shutil.rmtree(previous, ignore_errors=True)
            results.rename(previous)
            self.notes.append(f"results of the run before are now in {self.relative(previous)}")
        shutil.rmtree(self.settings.var / "run", ignore_errors=True)

    def relative(self, path):
        try:
            return path.relative_to(ROOT)
        except ValueError:
            return path

    def check_configuration(self):
        """Every part reads its configuration once before anything starts. Returns all mistakes."""
        mistakes = []
        for name in parts.names(self.settings):
            binary = self.settings.build / name
            if not os.access(binary, os.X_OK):
                raise StackError(f"{self.relative(binary)} is missing: `make build` makes it")
            run = subprocess.run(
                [str(binary), "--print-config"], env=self._environment(name), cwd=ROOT, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                errors="replace",
            )
            if run.returncode != 0:
                mistakes.append(f"{name}:")
                mistakes += [f"    {line}" for line in run.stderr.splitlines() if line]
        return mistakes

    def _environment(self, name):
        return parts.environment(name, self.settings, self.context)

    # --- start ----------------------------------------------------------------------------------------

    def start(self, on_started=lambda: None):
        """Starts all; StackError if one does not become ready. `on_started` is called after each one."""
        for wave in parts.WAVES:
            present = [name for name in wave if name in parts.names(self.settings)]
            for name in present:
                log = self.settings.var / "log" / f"{name}.log"
                process = Process(name, self.context[name], log)
                self.processes[name] = process
                process.start(self.settings.build / name, self._environment(name), ROOT, not self.background)
                on_started()
            for name in present:
                self._wait_ready(self.processes[name])

    def _wait_ready(self, process):
        timeout_s = self.settings.ready_timeout_s
        deadline = time.monotonic() + timeout_s
        while not self._is_ready(process):
            if not process.running():
                if process.name == "fetcher" and process.exit_code() == 0:
                    return  # few users: done before it was asked
                raise StackError(self.ending(process), process)
            if time.monotonic() > deadline:
                why = process.not_ready_reason()
                raise StackError(f"{process.name} was not ready after {timeout_s} s: {why}", process)
            time.sleep(0.02)

    def _is_ready(self, process):
        if process.name == "local-kafka":
            event = process.event("kafka ready")
            if event is None:
                return False
            self.context["bootstrap_servers"] = event["bootstrap_servers"]
        # The fetcher is let go once it listens: whether its source answers is shown by the counters.
        if process.name == "fetcher":
            return process.get("/livez") is not None
        return process.ready()

    @staticmethod
    def ending(process):
        """One line about a process that ended when it should not have."""
        code = process.exit_code()
        how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        reason = process.reason()
        return f"{process.name} {how}" + (f": {reason}" if reason else "")

    # --- while it runs --------------------------------------------------------------------------------

    def check_running(self):
        """StackError if a part has ended; the fetcher may, with 0, when it has fetched all."""
        for process in self.processes.values():
            if not process.running() and not (process.name == "fetcher" and process.exit_code() == 0):
                raise StackError(self.ending(process), process)

    def read_metrics(self):
        for process in self.processes.values():
            if process.running():
                process.read_metrics()

    def counts(self):
        counts = balance.collect({name: process.last for name, process in self.processes.items()})
        fetcher = self.processes.get("fetcher")
        if fetcher is not None and not fetcher.running():
            # It ended by itself, after /metrics was read last: its last line has the numbers.
            if self.fetcher_end is None:
                self.fetcher_end = fetcher.last_event(("published", "dead_lettered")) or {}
            balance.complete(counts, self.fetcher_end)
        return counts

    # --- stop -----------------------------------------------------------------------------------------

    def stop(self):
        """Stops all that runs, upstream first. Returns a line per process that did not end as it should."""
        problems = []
        for name in parts.STOP_ORDER:
            process = self.processes.get(name)
            if process is None:
                continue
            asked = process.running()
            process.signal(signal.SIGTERM)
            if not process.wait_ended(STOP_TIMEOUT_S):
                process.signal(signal.SIGKILL)
                process.wait_ended(STOP_TIMEOUT_S)
                problems.append(f"{name} did not stop within {STOP_TIMEOUT_S} s and was killed")
            elif asked and process.exit_code() not in (0, None):
                problems.append(self.ending(process))
        return problems

    def kill(self):
        """Ends all that runs at once."""
        for process in self.processes.values():
            process.signal(signal.SIGKILL)


def lock(settings):
    """One stack per checkout: returns the lock, held until it is closed, or None if another has it."""
    settings.var.mkdir(parents=True, exist_ok=True)
    file = open(settings.var / "lock", "w")  # closed by the caller
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
