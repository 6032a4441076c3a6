'use strict';
/**
 * Sends one request over NATS and prints the answer, like `nats req`, with Node alone.
 *
 *   node deploy/local/request.cjs group.v1.query.group '{"app":"demo","groupId":"g1"}'
 *
 * It needs only the `nats` package, as any other service may, and the build of this repository, which reads the setting in the
 * same way as all processes: `NATS_URL` has the address, with user and password or a token (default nats://127.0.0.1:4222).
 * The exit code is 1 if the answer is an error.
 */
const fs = require('node:fs');
const path = require('node:path');
const { connect } = require('nats');

const USAGE = "usage: node deploy/local/request.cjs <subject> '<json>'";
const SURROUNDINGS = path.resolve(__dirname, '../../dist/libs/surroundings/src/index.js');

async function main({ parseNatsAddress, nodeText, messageOf, codeOf }, [subject, body = '{}']) {
  if (subject === '--help' || subject === '-h') return void console.log(USAGE);
  if (!subject || subject.startsWith('-')) throw new Error(USAGE);
  const address = readSetting(() => parseNatsAddress(process.env.NATS_URL || 'nats://127.0.0.1:4222'), messageOf);
  const { login } = address;
  const connection = await connect({
    servers: address.nodes.map(nodeText),
    ...(address.tls ? { tls: {} } : {}),
    ...(login === undefined
      ? {}
      : 'token' in login
        ? { token: login.token }
        : { user: login.user, pass: login.password }),
    maxReconnectAttempts: 0,
  }).catch((error) => {
    if (codeOf(error) === 'AUTHORIZATION_VIOLATION') {
      throw new Error(`NATS_URL: ${address.shown} refuses the user, password or token, or needs one.`);
    }
    throw new Error(`No nats-server answers at ${address.shown} (NATS_URL): ${messageOf(error)}.`);
  });
  try {
    const reply = await connection.request(subject, Buffer.from(body), { timeout: 10_000 });
    console.log(reply.string());
    if (reply.headers?.has('Nats-Service-Error-Code')) process.exitCode = 1;
  } catch (error) {
    if (codeOf(error) === '503') throw new Error(`No service is subscribed to ${subject}.`);
    throw codeOf(error) === 'TIMEOUT' ? new Error(`No answer on ${subject} within 10 s.`) : error;
  } finally {
    await connection.close();
  }
}

function readSetting(read, messageOf) {
  try {
    return read();
  } catch (error) {
    throw new Error(`NATS_URL ${messageOf(error)}.`);
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

if (fs.existsSync(SURROUNDINGS)) {
  const surroundings = require(SURROUNDINGS);
  main(surroundings, process.argv.slice(2)).catch((error) => fail(surroundings.messageOf(error)));
} else {
  fail('There is no build yet: run `npm start` or `npm run build` first.');
}
