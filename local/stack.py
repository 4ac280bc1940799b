#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the whole pipeline on this machine: the services, and the stand-ins for the world around them.

  local/stack.py run      stream USERS users through it, check the balance, stop; exit 0 if it holds
  local/stack.py up       start it in the background, fetching FETCHER_RATE users per second
  local/stack.py status   what the background stack is doing
  local/stack.py down     stop it

Settings come from the environment (make passes its own on: make run USERS=500):
  USERS           users to stream with `run` (2000)
  FETCHER_URL     another source than the local generator, such as https://randomuser.me/api/1.4/
  FETCHER_*, FORWARDER_*, TRANSFORMER_*, ANALYTICS_*, LOCAL_*, LOG_LEVEL   go to the services as they are
  BUILD_DIR       folder of the binaries (build/release)
  VAR_DIR         folder for results, logs and state (var)
  READY_TIMEOUT_S seconds that each part has to become ready (30)
  STALL_S         seconds without progress that `run` takes for a failure (60)
AWS_* never reach the services: they only ever see keys made up for this run.
"""

import sys

from stack import background, foreground
from stack.settings import SettingsError, load_settings

COMMANDS = {
    "run": foreground.run,
    "up": background.up,
    "down": background.down,
    "status": background.status,
}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return COMMANDS[arguments[0]](settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
