// SPDX-License-Identifier: Apache-2.0
/*
 * Firehose transformation in Node: adds a newline to each record. Runs on nodejs22.x and nodejs24.x without
 * dependencies; handler index.handler. It answers as the transformer service does (transformer/transform.h),
 * which tests/data/firehose/ holds both to.
 *
 * The newline is added to the bytes, not to their base64: "Cg==" behind a text whose length is not a multiple
 * of 3 would not be base64 any more.
 *
 * TRANSFORM_IF_MISSING=true leaves data alone that ends in a newline already.
 */
'use strict';

// Lambda's limit for an answer, 6 MB.
const PAYLOAD_CAP = 6 * 1024 * 1024;
const NEWLINE = 0x0a;
const YES = ['true', '1', 'yes', 'on'];
const AROUND = JSON.stringify({ records: [] }).length;

class InvalidEvent extends Error {
  constructor(message) {
    super(message);
    this.name = 'Function.InvalidEvent';
  }
}

class ResponseTooLarge extends Error {
  constructor(message) {
    super(message);
    this.name = 'Function.ResponseTooLarge';
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

// The text's bytes and one newline as base64; undefined if the text is not strict base64 (RFC 4648: padding,
// no white space, no bits left over). Buffer.from() skips what it does not know, so the way back must give the
// same text.
function addNewline(text, ifMissing) {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) {
    return undefined;
  }
  if (ifMissing && bytes[bytes.length - 1] === NEWLINE) {
    return text;
  }
  // Only the last group of three bytes changes.
  const kept = bytes.length - (bytes.length % 3);
  const tail = Buffer.alloc(bytes.length - kept + 1, NEWLINE);
  bytes.copy(tail, 0, kept);
  return text.slice(0, (kept / 3) * 4) + tail.toString('base64');
}

function transformRecord(record, index, ifMissing) {
  if (!isObject(record)) {
    throw new InvalidEvent(`records[${index}]: an object is required`);
  }
  if (typeof record.recordId !== 'string') {
    throw new InvalidEvent(`records[${index}].recordId: a string is required`);
  }
  // Streams fed by MSK have kafkaRecordValue; the answer has the value under the name it came with.
  const isNone = (value) => value === undefined || value === null;
  const name = isNone(record.data) && !isNone(record.kafkaRecordValue) ? 'kafkaRecordValue' : 'data';
  const value = record[name];
  const text = typeof value === 'string' ? addNewline(value, ifMissing) : undefined;
  if (text !== undefined) {
    return { recordId: record.recordId, result: 'Ok', [name]: text };
  }
  return { recordId: record.recordId, result: 'ProcessingFailed', [name]: typeof value === 'string' ? value : '' };
}

const sizeOf = (record) => Buffer.byteLength(JSON.stringify(record)) + 1;

// Lambda refuses an answer above 6 MB. In order, each record stays that leaves room for all later ones to be
// reported as failed, without data.
function fit(records, cap) {
  const least = records.map((record) => {
    const failed = { recordId: record.recordId, result: 'ProcessingFailed' };
    failed['kafkaRecordValue' in record ? 'kafkaRecordValue' : 'data'] = '';
    return sizeOf(failed) < sizeOf(record) ? failed : record;
  });
  let later = least.reduce((sum, record) => sum + sizeOf(record), 0);
  let size = AROUND - 1; // the last record has no comma
  if (size + later > cap) {
    throw new ResponseTooLarge(`no answer of ${cap} bytes can hold ${records.length} records`);
  }
  return records.map((record, index) => {
    later -= sizeOf(least[index]);
    const chosen = size + sizeOf(record) + later > cap ? least[index] : record;
    size += sizeOf(chosen);
    return chosen;
  });
}

function transform(event, { ifMissing = false, payloadCap = PAYLOAD_CAP } = {}) {
  if (!isObject(event)) {
    throw new InvalidEvent('event: an object is required');
  }
  if (!Array.isArray(event.records)) {
    throw new InvalidEvent('records: an array is required');
  }
  const records = event.records.map((record, index) => transformRecord(record, index, ifMissing));
  // What is surely small enough is not measured: an escape takes six bytes at most.
  const most = records.reduce(
    (sum, record) => sum + 60 + 6 * record.recordId.length + 6 * (record.data ?? record.kafkaRecordValue).length,
    AROUND,
  );
  return { records: most > payloadCap ? fit(records, payloadCap) : records };
}

exports.transform = transform;

exports.handler = async (event) =>
  transform(event, { ifMissing: YES.includes((process.env.TRANSFORM_IF_MISSING ?? '').toLowerCase()) });
