// SPDX-License-Identifier: Apache-2.0
// The least that Node needs to run lambda/index.js against a Lambda Runtime API, for comparison in
// transform_start.py; Lambda's own runtime client for Node does more.
'use strict';

const http = require('node:http');
const path = require('node:path');

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });

function request(method, where, body) {
  return new Promise((resolve, reject) => {
    const options = { hostname, port, agent, method, path: `/2018-06-01/runtime/invocation/${where}` };
    const sent = http.request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function main() {
  const { handler } = require(path.join(__dirname, '..', '..', 'lambda', 'index.js'));
  for (;;) {
    const next = await request('GET', 'next');
    const answer = await handler(JSON.parse(next.body.toString()));
    await request('POST', `${next.headers['lambda-runtime-aws-request-id']}/response`, JSON.stringify(answer));
  }
}

main().catch(() => process.exit(1));
