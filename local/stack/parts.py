# SPDX-License-Identifier: Apache-2.0
"""The table of processes: what each is started with, and after which others.

Values in braces are filled in from the context: ports, directories, keys and what other parts logged.
"""

import os
import secrets
import string

STREAM = "users"
DELIVERY_STREAM = "users-to-s3"
BUCKET = "user-data"

AWS_CLIENT = {
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:{local-aws}",
    "AWS_ACCESS_KEY_ID": "{access_key_id}",
    "AWS_SECRET_ACCESS_KEY": "{secret_access_key}",
}

# Waves start one after the other, each when all before it are ready.
WAVES = (
    ("local-kafka", "local-randomuser", "transformer"),
    ("local-aws",),
    ("forwarder", "analytics"),
    ("fetcher",),
)
# Upstream first, so that every part drains into one that still runs; the transformer after Firehose.
STOP_ORDER = ("fetcher", "forwarder", "analytics", "local-aws", "transformer", "local-kafka", "local-randomuser")

# Ports of `make up` where they are free. `make run` takes any free ones.
FIXED_PORTS = {
    "local-aws": 4566,
    "local-randomuser": 8090,
    "fetcher": 8081,
    "forwarder": 8082,
    "transformer": 8083,
    "analytics": 8084,
    "local-kafka": 8085,
}

ENVIRONMENTS = {
    "local-kafka": {"LOCAL_KAFKA_TOPICS": "users:8,users.dlq:1"},
    "local-randomuser": {},
    "transformer": {},
    "local-aws": {
        "AWS_REGION": AWS_CLIENT["AWS_REGION"],
        "AWS_ACCESS_KEY_ID": AWS_CLIENT["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": AWS_CLIENT["AWS_SECRET_ACCESS_KEY"],
        "LOCAL_AWS_DIR": "{state_dir}/aws",
        "LOCAL_AWS_S3_DIR": "{s3_dir}",
        "LOCAL_AWS_STREAMS": f"{STREAM}:2",
        "LOCAL_AWS_DELIVERY_STREAMS": f"{DELIVERY_STREAM}:{BUCKET}",
        "LOCAL_AWS_LAMBDA_URL": "http://127.0.0.1:{transformer}",
        "LOCAL_AWS_BUFFER_INTERVAL_MS": "{buffer_interval_ms}",
    },
    "forwarder": {
        **AWS_CLIENT,
        "KAFKA_BOOTSTRAP_SERVERS": "{bootstrap_servers}",
        "KAFKA_AUTO_OFFSET_RESET": "earliest",
        "KINESIS_STREAM": STREAM,
    },
    "analytics": {
        **AWS_CLIENT,
        "KINESIS_STREAM": STREAM,
        "FIREHOSE_STREAM": DELIVERY_STREAM,
        "ANALYTICS_SQL": "sql/users.sql",
        "ANALYTICS_CHECKPOINT": "{state_dir}/analytics.db",
    },
    "fetcher": {
        "KAFKA_BOOTSTRAP_SERVERS": "{bootstrap_servers}",
        "FETCHER_URL": "{fetcher_url}",
        "FETCHER_LIMIT": "{fetcher_limit}",
        "FETCHER_RATE": "{fetcher_rate}",
        "FETCHER_SEED": "{seed}",
    },
}
# The local generator is not the internet's: it may be asked as fast as it answers.
GENERATOR_ENVIRONMENT = {"FETCHER_QUOTA": "1000000/1"}


def names(settings):
    """The parts of this stack, in starting order."""
    every = [name for wave in WAVES for name in wave]
    return [name for name in every if not (name == "local-randomuser" and settings.fetcher_url)]


def random_keys():
    """A key pair of AWS's form, good for this run only."""
    letters = string.ascii_uppercase + "234567"
    return {
        "access_key_id": "AKIA" + "".join(secrets.choice(letters) for _ in range(16)),
        "secret_access_key": secrets.token_urlsafe(30),
    }


def environment(name, settings, context):
    """The whole environment of one part."""
    result = {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/")}
    for inherited in ("TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS"):
        if inherited in os.environ:
            result[inherited] = os.environ[inherited]
    result.update(LOG_FORMAT="json", HTTP_PORT=str(context[name]), DRAIN_TIMEOUT_MS="10000")
    for variable, value in ENVIRONMENTS[name].items():
        result[variable] = value.format_map(context)
    if name == "fetcher":
        result.update(settings.proxies if settings.fetcher_url else GENERATOR_ENVIRONMENT)
    result.update(settings.overrides)
    return result
