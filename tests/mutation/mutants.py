# SPDX-License-Identifier: Apache-2.0
"""The promises, each broken by one replacement, and the test that must notice.

test: "lib/sigv4_test::name" is a cmocka test of tests/unit, "tests/integration/..." a pytest node.
"""

MUTANTS = [
]
