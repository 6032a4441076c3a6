'use strict';
// A tenant that sends large messages without a pause: a process of bounds.int-spec.ts.
const { connect } = require('nats');

process.once('message', async ({ natsUrl, messages }) => {
  const client = await connect({ servers: natsUrl });
  const encoded = messages.map(([subject, body]) => [subject, Buffer.from(body)]);
  let answers = 0;
  let isOver = false;
  process.once('message', () => (isOver = true));
  const lane = async (first) => {
    for (let i = first; !isOver; i++) {
      const [subject, body] = encoded[i % encoded.length];
      await client.request(subject, body, { timeout: 30_000 });
      answers += 1;
      process.send(answers);
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, i) => lane(i)));
  await client.close();
  process.disconnect();
});
