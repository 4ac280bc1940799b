// SPDX-License-Identifier: Apache-2.0
// lambda/index.js for tests: one JSON object a line in, {"event": text, "if_missing": bool}; one a line out,
// {"answer": ...}, {"error": message, "type": name}, or {"not_json": true}.
'use strict';

const readline = require('node:readline');
const { handler } = require('../../lambda/index.js');

async function run(line) {
  const { event, if_missing: ifMissing } = JSON.parse(line);
  let parsed;
  try {
    parsed = JSON.parse(event);
  } catch {
    return { not_json: true };
  }
  process.env.TRANSFORM_IF_MISSING = ifMissing ? 'true' : 'false';
  try {
    return { answer: await handler(parsed) };
  } catch (error) {
    return { error: error.message, type: error.name };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await run(line))}\n`);
  }
}

main();
