# SPDX-License-Identifier: Apache-2.0
"""The same SQL on two engines: analytics (SQLite) and Apache Flink give the same rows for the golden input."""

import json
import os
import subprocess

import pytest

from support.flink import Flink, FlinkCluster
from support.golden import golden
from support.procs import BUILD, ROOT

LAST = {"first": "The last", "last": None, "age": 99, "gender": "male", "latitude": None, "longitude": None}
LAST_RECORD = b'{"gender":"male","name":{"first":"The last"},"dob":{"age":99}}'

PORTABLE = str(ROOT / "tests/data/sql/portable.sql")


@pytest.fixture
def flink(tmp_path):
    started = []

    def start(groups, env=None, line="1.20", kind=Flink):
        started.append(kind(tmp_path / "flink", groups, env or {}, line))
        return started[-1]

    yield start
    for process in started:
        process.stop()


def cases():
    """Kinesis takes no empty record."""
    return [(case, data) for case, data in golden() if data]


def expected(engine):
    """A case with an entry for an engine is a known difference (docs/sql.md)."""
    rows = [case.get(engine, case["row"]) for case, _ in cases()]
    return as_set([row for row in rows if row] + [LAST])


def rows_of(files):
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def as_set(rows):
    """Rows that can be compared whatever their order is. 1 and 1.0 are the same number."""
    def plain(value):
        return float(value) if isinstance(value, (int, float)) else value

    return sorted((json.dumps({name: plain(value) for name, value in row.items()}, sort_keys=True) for row in rows))


def local_groups(aws):
    """The properties for the local endpoint, at this one's address."""
    groups = json.loads((ROOT / "aws/flink/properties/local.json").read_text())
    groups = {group["PropertyGroupId"]: group["PropertyMap"] for group in groups}
    for options in groups.values():
        options["aws.endpoint"] = aws.url
    groups["sink"].update({"delivery-stream": "flink-to-s3", "sink.flush-buffer.timeout": "500"})
    return groups


@pytest.mark.parametrize("kind", [Flink, FlinkCluster], ids=["one process", "a cluster with the memory of compose"])
def test_sqlite_and_flink_give_the_same_rows_through_kinesis_and_firehose(services, start_local_aws, transformer, tmp_path,
                                                                        flink, kind):
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "users:1", "LOCAL_AWS_LAMBDA_URL": transformer.url,
                           "LOCAL_AWS_DELIVERY_STREAMS": "users-to-s3:userdata,flink-to-s3:flink"})
    entries = [{"PartitionKey": "k", "Data": data} for _, data in cases()] + [{"PartitionKey": "k", "Data": LAST_RECORD}]
    assert aws.client("kinesis").put_records(StreamName="users", Records=entries)["FailedRecordCount"] == 0
    job = flink(local_groups(aws), aws.env, kind=kind)
    services("analytics", {**aws.env, "KINESIS_STREAM": "users", "FIREHOSE_STREAM": "users-to-s3",
                           "ANALYTICS_CHECKPOINT": tmp_path / "analytics.db"})
    job.wait_for(lambda: LAST in rows_of(aws.s3_files("userdata")), "the last row, by SQLite")
    job.wait_for(lambda: LAST in rows_of(aws.s3_files("flink")), "the last row, by Flink")
    assert as_set(rows_of(aws.s3_files("userdata"))) == expected("sqlite")
    assert as_set(rows_of(aws.s3_files("flink"))) == expected("flink")


def flink_over_files(flink, folder, records, **groups):
    """The rows of Flink 2.2 with files at both ends, one record a line."""
    source, sink = folder / "in", folder / "out"
    source.mkdir()
    (source / "records").write_bytes(b"\n".join(records))
    options = {"connector": "filesystem", "format": "json"}
    flink({"source": {**options, "path": source.as_uri(), "json.ignore-parse-errors": "true"},
           "sink": {**options, "path": sink.as_uri()},
           "config": {"execution.checkpointing.interval": "500 ms"}, **groups}, line="2.2").wait()
    return rows_of(sink.rglob("part-*"))


def lines():
    return [data.strip().replace(b"\n", b" ") for _, data in cases()]


def test_the_statements_mean_the_same_on_flink_2_2(tmp_path, flink):
    assert as_set(flink_over_files(flink, tmp_path, [*lines(), LAST_RECORD])) == expected("flink")


def test_what_the_guide_calls_portable_gives_the_same_rows(tmp_path, flink):
    records = [line for (case, _), line in zip(cases(), lines()) if "flink" not in case]
    env = {**os.environ, "KINESIS_STREAM": "users", "FIREHOSE_STREAM": "users-to-s3", "ANALYTICS_SQL": PORTABLE}
    run = subprocess.run([BUILD / "analytics", "--try"], cwd=ROOT, env=env, input=b"\n".join(records), stdout=subprocess.PIPE,
                         check=True, timeout=60)
    by_sqlite = [json.loads(row) for row in run.stdout.splitlines()]
    assert len(by_sqlite) > 50
    scripts = {"scripts": f"sql/schema.flink.sql,{PORTABLE}"}
    assert as_set(flink_over_files(flink, tmp_path, records, sql=scripts)) == as_set(by_sqlite)
