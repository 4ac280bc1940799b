// SPDX-License-Identifier: Apache-2.0
// node --test lambda/index.test.js: the corpus in tests/data/firehose/, and what it cannot hold.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const { handler, transform } = require('./index.js');

const CORPUS = path.join(__dirname, '..', 'tests', 'data', 'firehose');

for (const file of fs.readdirSync(CORPUS).filter((name) => name.endsWith('.json'))) {
  for (const item of JSON.parse(fs.readFileSync(path.join(CORPUS, file)))) {
    test(`${path.parse(file).name}: ${item.name}`, async () => {
      if (item.error?.startsWith('not JSON')) {
        assert.throws(() => JSON.parse(item.event), SyntaxError); // Lambda's runtime does that, not the handler
        return;
      }
      process.env.TRANSFORM_IF_MISSING = item.if_missing ? 'true' : '';
      const answer = handler(JSON.parse(item.event));
      if (item.error) {
        await assert.rejects(answer, { name: 'Function.InvalidEvent', message: item.error });
      } else {
        assert.deepEqual(await answer, JSON.parse(item.expected));
      }
    });
  }
}

const event = (count, data) => ({
  records: Array.from({ length: count }, (_, i) => ({ recordId: String(i).padStart(6, '0'), data })),
});

test('the handler is asynchronous and takes no callback', () => {
  assert.equal(handler.constructor.name, 'AsyncFunction');
  assert.ok(handler.length <= 2); // nodejs24.x refuses three arguments
});

test('records that do not fit are failed with empty data', () => {
  const full = JSON.stringify(transform(event(100, 'eHl6'.repeat(10))).records[0]).length + 1;
  const least = JSON.stringify({ recordId: '000000', result: 'ProcessingFailed', data: '' }).length + 1;
  for (let room = 0; room <= 100; room++) {
    const cap = 13 + room * full + (100 - room) * least;
    const answer = transform(event(100, 'eHl6'.repeat(10)), { payloadCap: cap });
    assert.equal(JSON.stringify(answer).length, cap);
    assert.equal(answer.records.filter((record) => record.result === 'Ok').length, room);
  }
  assert.throws(() => transform(event(100, 'eHl6'.repeat(10)), { payloadCap: 12 + 100 * least }), {
    name: 'Function.ResponseTooLarge',
    message: 'no answer of 6012 bytes can hold 100 records',
  });
});

test('an answer never passes six megabytes', () => {
  const answer = transform(event(60000, 'eHl6'.repeat(16)));
  const size = JSON.stringify(answer).length;
  assert.ok(size <= 6291456 && size > 6291456 - 200);
  assert.equal(answer.records.length, 60000);
});
