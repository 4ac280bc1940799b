# SPDX-License-Identifier: Apache-2.0
"""What the user asked for, from the environment; all mistakes at once."""

import dataclasses
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What goes on to the services as it is. Not AWS_*: real keys have no business here.
PASSED_ON = ("FETCHER_", "FORWARDER_", "TRANSFORMER_", "ANALYTICS_", "LOCAL_", "LOG_LEVEL")


class SettingsError(Exception):
    """Wrong settings: one line each."""


@dataclasses.dataclass(frozen=True)
class Settings:
    users: int
    stall_s: int
    ready_timeout_s: int
    build: pathlib.Path
    var: pathlib.Path
    overrides: dict  # NAME: value for the services
    fetcher_url: str  # empty: the local generator
    proxies: dict  # for a source out on the internet


def _number(environment, name, default, least, problems):
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and least <= int(text) <= 10**9):
        problems.append(f"{name}={text}: a whole number from {least} to 1000000000")
        return default
    return int(text)


def load_settings(environment=None):
    environment = os.environ if environment is None else environment
    problems = []
    # `run` counts to the same number that the fetcher stops at.
    limit = "FETCHER_LIMIT" if environment.get("FETCHER_LIMIT", "0") != "0" else "USERS"
    users = _number(environment, limit, 2000, 1, problems)
    stall_s = _number(environment, "STALL_S", 60, 1, problems)
    ready_timeout_s = _number(environment, "READY_TIMEOUT_S", 30, 1, problems)
    if problems:
        raise SettingsError("\n".join(problems))
    proxies = ("http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY")
    return Settings(
        users=users,
        stall_s=stall_s,
        ready_timeout_s=ready_timeout_s,
        build=ROOT / (environment.get("BUILD_DIR") or "build/release"),
        var=ROOT / (environment.get("VAR_DIR") or "var"),
        overrides={name: value for name, value in environment.items() if value and name.startswith(PASSED_ON)},
        fetcher_url=environment.get("FETCHER_URL") or "",
        proxies={name: environment[name] for name in proxies if environment.get(name)},
    )
