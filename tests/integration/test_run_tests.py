# SPDX-License-Identifier: Apache-2.0
"""tools/run-tests judges cmocka binaries as they are: failures, skips, crashes, leaks, and no test at all."""

import importlib.machinery
import importlib.util
import subprocess

import pytest

from support.procs import ROOT

SOURCE = """
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void passes(void **state) { (void)state; }
static void is_skipped(void **state) { (void)state; skip(); }
static void fails(void **state) { (void)state; assert_string_equal("<a & b>", "]]>"); }
static void crashes(void **state) { (void)state; abort(); }
static void leaks(void **state) { (void)state; char *volatile lost = malloc(7); lost = NULL; (void)lost; }
static int no_setup(void **state) { (void)state; return -1; }

int main(void)
{
    const struct CMUnitTest tests[] = { TESTS };
    return cmocka_run_group_tests(tests, SETUP, NULL);
}
"""


def load_runner():
    loader = importlib.machinery.SourceFileLoader("run_tests", str(ROOT / "tools/run-tests"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runner():
    return load_runner()


@pytest.fixture
def judge(runner, tmp_path):
    def run(*tests, setup="NULL"):
        (tmp_path / "t.c").write_text(SOURCE)
        names = ", ".join(f"cmocka_unit_test({test})" for test in tests)
        subprocess.run(
            ["gcc", "-w", "-fsanitize=address", f"-DTESTS={names}", f"-DSETUP={setup}", "-o", tmp_path / "t",
             tmp_path / "t.c", "-lcmocka"], check=True,
        )
        totals = runner.Totals()
        runner.run_unit_binary(tmp_path / "t", "t", totals)
        return totals

    return run


def test_each_result_is_counted(judge):
    totals = judge("passes", "is_skipped", "fails")
    assert (totals.passed, totals.failed, totals.skipped) == (1, 1, ["t::is_skipped"])
    assert totals.line() == "1 passed, 1 failed, 1 skipped"


@pytest.mark.parametrize("test", ["crashes", "leaks"])
def test_what_cmocka_does_not_see_is_a_failure(judge, test):
    assert judge("passes", test).failed == 1


def test_failed_set_up_is_a_failure(judge):
    assert judge("passes", setup="no_setup").failed >= 1


def test_binary_without_tests_is_a_failure(runner, tmp_path):
    (tmp_path / "t").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "t").chmod(0o755)
    totals = runner.Totals()
    runner.run_unit_binary(tmp_path / "t", "t", totals)
    assert totals.failed == 1


@pytest.mark.parametrize("ci, reason, expected", [("true", "", 1), ("true", "unit/t::a no network", 0), ("", "", 0)])
def test_unexplained_skips_fail_in_ci_only(runner, tmp_path, monkeypatch, ci, reason, expected):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/skips.txt").write_text(f"# skips\n{reason}\n")
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(runner, "unit", lambda totals: totals.skipped.append("unit/t::a"))
    monkeypatch.setenv("CI", ci)
    assert runner.main(["unit"]) == expected
