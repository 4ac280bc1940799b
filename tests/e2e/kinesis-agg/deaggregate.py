# SPDX-License-Identifier: Apache-2.0
"""Takes Kinesis records apart with AWS's own library, as a Lambda function does.

Standard input: {"partitionKey": ..., "data": base64} per line. Standard output: {"partitionKey", "data",
"explicitHashKey", "aggregated"} per record.
"""

import json
import sys

from aws_kinesis_agg.deaggregator import iter_deaggregate_records

records = [{"kinesis": {"kinesisSchemaVersion": "1.0", "sequenceNumber": str(number), "approximateArrivalTimestamp": 0,
                        **json.loads(line)}}
           for number, line in enumerate(sys.stdin)]
for record in iter_deaggregate_records(records):
    kinesis = record["kinesis"]
    data = kinesis["data"]
    print(json.dumps({"partitionKey": kinesis["partitionKey"], "data": data if isinstance(data, str) else data.decode(),
                      "explicitHashKey": kinesis.get("explicitHashKey"), "aggregated": kinesis.get("aggregated", False)}))
