# SPDX-License-Identifier: Apache-2.0
"""tests/data/sql/golden.jsonl: records, and the row of the project's query that each of them gives."""

import base64
import json

from support.procs import ROOT


def golden():
    """(case, the record's bytes) of each line; a case has "row" (None: no row) and perhaps "error"."""
    for line in (ROOT / "tests/data/sql/golden.jsonl").read_text().splitlines():
        case = json.loads(line)
        if "record" in case:
            data = json.dumps(case["record"]).encode()
        elif "text" in case:
            data = case["text"].encode()
        else:
            data = base64.b64decode(case["base64"])
        yield case, data
