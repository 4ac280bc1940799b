# SPDX-License-Identifier: Apache-2.0
"""The job of the forwarder with Quix Streams: a Kafka topic, byte for byte, into a Kinesis stream. For comparison.

Run by forwarder_bench.py with the forwarder's environment: KAFKA_*, KINESIS_STREAM, AWS_*.
"""

import os

from quixstreams import Application
from quixstreams.sinks.community.kinesis import KinesisSink

application = Application(
    broker_address=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
    consumer_group=os.environ["KAFKA_GROUP_ID"],
    auto_offset_reset="earliest",
    auto_create_topics=False,
    loglevel="WARNING",
)
topic = application.topic(os.environ["KAFKA_TOPIC"], key_deserializer="bytes", value_deserializer="bytes")
sink = KinesisSink(
    stream_name=os.environ["KINESIS_STREAM"],
    aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
    aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    region_name=os.environ["AWS_REGION"],
    aws_endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    value_serializer=lambda value: value,
)
application.dataframe(topic).sink(sink)
application.run()
