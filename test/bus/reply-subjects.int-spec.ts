import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Bus, NatsController, serveNats, type NatsServer } from '@cohort/bus';
import { connect, type Msg, type NatsConnection } from 'nats';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own nats-server');

const SUBJECT = 'group.v1.query.test';
const TENANT_SUBJECT = 'group.v1.app.shop.query.test';
/** Subjects that a sender may name for the answer, although an answer there would do harm. */
const FOREIGN = [
  '$JS.API.STREAM.PURGE.GROUP_EVENTS',
  '$KV.COHORT_LEASES.relay',
  '$SYS.REQ.SERVER.PING',
  '$SRV.PING',
  'group.v1.event.b.g.created',
  'group.v1.command.dismiss',
  'group.v1.query.test',
  'group.v1.node.query.applied',
  'replies.x',
  '_INBOXX.x',
  '_inbox.x',
  '_INBOX.*',
  '_INBOX.>',
  '_INBOX..x',
  '_INBOX_shop.',
  'trusted_.x',
];

const carriedOut: unknown[] = [];

@NatsController()
class TestController {
  @MessagePattern([SUBJECT, 'group.v1.app.*.query.test'])
  test(@Payload() data: unknown): unknown {
    carriedOut.push(data);
    return { answer: data };
  }
}

describe('the reply subject of a request', () => {
  let nats: TestNats;
  let bus: Bus;
  let app: INestApplication;
  let server: NatsServer;
  let client: NatsConnection;
  let socket: Socket;
  let ignored = 0;
  /** Everything that is published beside the requests themselves. */
  const published: string[] = [];
  const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);

  beforeAll(async () => {
    nats = await startNats();
    bus = await Bus.connect({
      servers: nats.url,
      name: 'test',
      replyPrefixes: ['trusted'],
      observer: { ignoredRequest: () => (ignored += 1), messageFault: () => undefined },
    });
    const module = await Test.createTestingModule({ controllers: [TestController] }).compile();
    app = module.createNestApplication({ logger: false });
    await app.init();
    server = await serveNats(app, { bus, queue: 'test' });
    bus.announce({ name: 'test-service', version: '1.0.0', description: 'test' });
    client = await connect({ servers: nats.url });
    client.subscribe('>', { callback: (_error, { subject }) => void published.push(subject) });
    await client.flush();
    await bus.connection.flush();
    // nats.js refuses to send some of these subjects, and an adversary doesn't use nats.js.
    socket = connectSocket(nats.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('CONNECT {"verbose":false,"headers":true}\r\n');
  });
  afterAll(async () => {
    socket?.destroy();
    await client?.close();
    await server?.close();
    await app?.close();
    await bus?.close();
    await nats?.stop();
    warnings.mockRestore();
  });
  beforeEach(async () => {
    await settled();
    [carriedOut.length, published.length, ignored] = [0, 0, 0];
  });

  const send = (subject: string, reply: string, body: string) =>
    socket.write(`PUB ${subject} ${reply} ${body.length}\r\n${body}\r\n`);

  /** Resolves when all requests that were sent before are handled, and their answers have arrived. */
  async function settled(): Promise<void> {
    const mark = `mark-${Math.random()}`;
    const answered = new Promise<void>((resolve) => {
      client.subscribe(`_INBOX.${mark}`, { max: 1, callback: () => resolve() });
    });
    await client.flush();
    send(SUBJECT, `_INBOX.${mark}`, '"settled"');
    await answered;
    await client.flush();
  }

  const published_ = () => published.filter((subject) => !subject.startsWith('_INBOX.mark') && subject !== SUBJECT);

  test.each(FOREIGN)(
    'a request with the reply subject %s is neither carried out nor answered, and is counted',
    async (reply) => {
      for (const subject of [SUBJECT, TENANT_SUBJECT]) send(subject, reply, '{"for":"a stranger"}');
      send(TENANT_SUBJECT, reply, 'malformed');
      send('$SRV.PING', reply, '');
      send('$SRV.STATS.test-service', reply, '');
      await settled();
      expect(carriedOut.filter((data) => data !== 'settled')).toEqual([]);
      expect(published_().filter((subject) => subject === reply && subject !== TENANT_SUBJECT)).toEqual(
        reply === '$SRV.PING' ? ['$SRV.PING'] : [],
      );
      expect(ignored).toBe(5);
    },
  );

  test.each(['_INBOX.x', '_INBOX_shop.x.1', '_INBOX_shop', 'trusted.x', 'trusted'])(
    'a request with the reply subject %s is answered, by discovery, too',
    async (reply) => {
      send(TENANT_SUBJECT, reply, '{"for":"a tenant"}');
      send('$SRV.PING', reply, '');
      await settled();
      expect(carriedOut).toContainEqual({ for: 'a tenant' });
      expect(published_().filter((subject) => subject === reply)).toHaveLength(2);
      expect(ignored).toBe(0);
    },
  );

  test('a message without a reply subject is carried out', async () => {
    client.publish(TENANT_SUBJECT, '{"for":"nobody"}');
    await client.flush();
    await waitFor(() => carriedOut.some((data) => (data as { for?: string }).for === 'nobody'));
    expect(ignored).toBe(0);
  });

  test("the fields of Nest's envelope name no reply subject", async () => {
    const envelope = { pattern: 'group.v1.event.b.g.created', id: '$JS.API.INFO', reply: 'elsewhere', data: { a: 1 } };
    send(SUBJECT, '_INBOX.envelope', JSON.stringify({ ...envelope, replyTo: 'elsewhere' }));
    await settled();
    expect(published_()).toEqual(['_INBOX.envelope']);
  });

  test('a flood of ignored requests is logged once', async () => {
    for (let i = 0; i < 1_000; i++) send(TENANT_SUBJECT, 'group.v1.event.b.g.created', '{}');
    await settled();
    expect(ignored).toBe(1_000);
    const lines = warnings.mock.calls.filter(([, text]) => String(text).includes('reply subject'));
    expect(lines).toHaveLength(1);
  });

  describe('headers of a request', () => {
    /** Sends a request with these headers, byte for byte, and returns its answer. */
    async function ask(headers: string): Promise<Msg> {
      const reply = `_INBOX.headers-${Math.random()}`;
      const answer = new Promise<Msg>((resolve) => {
        client.subscribe(reply, { max: 1, callback: (_error, message) => resolve(message) });
      });
      await client.flush();
      const head = `NATS/1.0\r\n${headers}\r\n\r\n`;
      socket.write(`HPUB ${SUBJECT} ${reply} ${head.length} ${head.length + 2}\r\n${head}{}\r\n`);
      return answer;
    }

    test('that are malformed are refused', async () => {
      const answer = await ask('a bad key: 1');
      expect(answer.json()).toMatchObject({
        error: { code: 'VALIDATION_FAILED', message: 'The headers are malformed.' },
      });
      expect(carriedOut.filter((data) => data !== 'settled')).toEqual([]);
    });

    test('that are many are refused before they are parsed: parsing them would take minutes', async () => {
      const began = performance.now();
      const answer = await ask(Array.from({ length: 100_000 }, (_, i) => `k${i}:`).join('\r\n'));
      expect(answer.json()).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
      expect(performance.now() - began).toBeLessThan(5_000);
    });
  });
});
