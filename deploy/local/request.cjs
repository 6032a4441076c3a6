'use strict';
/**
 * Sends one request over NATS and prints the answer, like `nats req`, with Node alone.
 *
 *   node deploy/local/request.cjs group.v1.query.group '{"app":"demo","groupId":"g1"}'
 *
 * It uses only the `nats` package, as any other service may. `NATS_URL` has the address (default nats://127.0.0.1:4222).
 * The exit code is 1 if the answer is an error.
 */
const { connect } = require('nats');

async function main([subject, body = '{}']) {
  if (!subject) throw new Error("usage: node deploy/local/request.cjs <subject> '<json>'");
  const servers = (process.env.NATS_URL || 'nats://127.0.0.1:4222').split(',');
  const connection = await connect({ servers, maxReconnectAttempts: 0 }).catch(() => {
    throw new Error(`No nats-server answers at ${servers.join(', ')} (NATS_URL).`);
  });
  try {
    const reply = await connection.request(subject, Buffer.from(body), { timeout: 10_000 });
    console.log(reply.string());
    if (reply.headers?.has('Nats-Service-Error-Code')) process.exitCode = 1;
  } catch (error) {
    if (error.code === '503') throw new Error(`No service is subscribed to ${subject}.`);
    throw error.code === 'TIMEOUT' ? new Error(`No answer on ${subject} within 10 s.`) : error;
  } finally {
    await connection.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
