// SPDX-License-Identifier: Apache-2.0
// The same batches as transform_bench.c through lambda/index.js: event text in, answer text out, as Lambda's
// Node runtime does it. JIT warm.
'use strict';

const { handler } = require('../../lambda/index.js');

const RECORDS = 500;
const ROUNDS = 200;
const REPEATS = 5;

function makeEvent(recordBytes) {
  const data = Buffer.from(
    Array.from({ length: recordBytes }, (_, i) => 32 + ((i * 7 + Math.floor(i / 11)) % 90)),
  );
  const records = Array.from({ length: RECORDS }, (_, i) => ({
    recordId: `4965${String(i).padStart(52, '0')}`,
    approximateArrivalTimestamp: 1795392000123,
    data: data.subarray(0, recordBytes - (i % 3)).toString('base64'),
    kinesisRecordMetadata: {
      sequenceNumber: `4965${String(i).padStart(52, '0')}`,
      subsequenceNumber: 0,
      partitionKey: `seed:${i}:17`,
      shardId: 'shardId-000000000000',
      approximateArrivalTimestamp: 1795392000100,
    },
  }));
  return JSON.stringify({
    invocationId: '2f6c6a26-0d3a-4f0e-9d0a-7b6c0d1e2f3a',
    deliveryStreamArn: 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/users',
    region: 'eu-west-1',
    records,
  });
}

async function run(event) {
  const answer = await handler(JSON.parse(event.toString()));
  if (answer.records.length !== RECORDS || answer.records[0].result !== 'Ok') {
    throw new Error('the transform failed');
  }
  return Buffer.from(JSON.stringify(answer));
}

async function main() {
  for (const recordBytes of [200, 1100]) {
    const event = Buffer.from(makeEvent(recordBytes));
    let best = Infinity;
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const start = process.cpuUsage();
      for (let round = 0; round < ROUNDS; round++) {
        await run(event);
      }
      const used = process.cpuUsage(start);
      best = Math.min(best, (used.user + used.system) / 1e6 / ROUNDS);
    }
    console.log(
      JSON.stringify({
        bench: 'transform-node',
        record_bytes: recordBytes,
        event_bytes: event.length,
        ns_per_record: Number(((best * 1e9) / RECORDS).toFixed(1)),
        event_gb_per_s: Number((event.length / best / 1e9).toFixed(3)),
      }),
    );
  }
}

main();
