// SPDX-License-Identifier: Apache-2.0
// The AWS SDK for JavaScript v3 as a program: a call per line in, an answer per line out (see clients.py).
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import * as firehose from "@aws-sdk/client-firehose";
import * as kinesis from "@aws-sdk/client-kinesis";
import * as s3 from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const modules = { firehose, kinesis, s3 };
const options = {
  endpoint: process.env.CONFORMANCE_URL,
  region: process.env.AWS_REGION,
  maxAttempts: 1,
  forcePathStyle: true,
  // the Kinesis client would speak HTTP/2, which goes with TLS alone at AWS
  requestHandler: new NodeHttpHandler({ requestTimeout: 60000 }),
};
const clients = {
  firehose: new firehose.FirehoseClient(options),
  kinesis: new kinesis.KinesisClient(options),
  s3: new s3.S3Client(options),
};

/** Bytes travel as {"$b64": "..."}, times as {"$time": seconds}. */
function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== "object") return value;
  if ("$b64" in value) return Buffer.from(value.$b64, "base64");
  if ("$time" in value) return new Date(value.$time * 1000);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, decode(item)]));
}

function encode(value) {
  if (value instanceof Uint8Array) return { $b64: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { $time: value.getTime() / 1000 };
  if (Array.isArray(value)) return value.map(encode);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => name !== "$metadata" && item !== undefined)
      .map(([name, item]) => [name, encode(item)]),
  );
}

function command(service, operation, params) {
  return new modules[service][`${operation}Command`](params);
}

async function run({ service, operation, params }) {
  const input = decode(params);
  if (operation === "$presign") {
    const url = await getSignedUrl(clients.s3, command("s3", input.operation, input.params), {
      expiresIn: input.expires,
    });
    return { ok: { url } };
  }
  if (operation === "$upload") {
    // a stream of unknown length: multipart, or one chunked body with a trailing checksum
    const body = Readable.from([input.Body.subarray(0, 1000), input.Body.subarray(1000)]);
    const upload = new Upload({ client: clients.s3, params: { ...input, Body: body } });
    return { ok: encode(await upload.done()) };
  }
  if (operation === "$stream") {
    // a stream of known length: aws-chunked with a trailing checksum
    const params = { ...input, Body: Readable.from([input.Body]), ContentLength: input.Body.length };
    return { ok: encode(await clients.s3.send(new s3.PutObjectCommand(params))) };
  }
  const answer = await clients[service].send(command(service, operation, input));
  if (answer.Body) answer.Body = await answer.Body.transformToByteArray();
  return { ok: encode(answer), status: answer.$metadata.httpStatusCode, request: answer.$metadata.requestId };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await run(JSON.parse(line));
  } catch (error) {
    // an answer without a body, to HEAD or 304, has no code; its status stands for it as with the others
    const status = error.$metadata?.httpStatusCode;
    const name = error.Code ?? error.name;
    answer = {
      error: ["NotFound", "Unknown", "UnknownError"].includes(name) ? String(status) : name,
      message: error.message,
      status,
      request: error.$metadata?.requestId,
    };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
