import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { CohortClient } from '@cohort/client';
import { CohortError } from '@cohort/contracts';
import { connect, headers, type Msg, type NatsConnection } from 'nats';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';

requires('own nats-server');

const CREATE = { app: 'demo', actor: { type: 'service' }, groupId: 'g1', name: 'n', owner: 'u1' } as const;
const ANSWER = { groupId: 'g1', revision: '0', position: '10' };
const [COMMAND, QUERY] = ['group.v1.command.create', 'group.v1.query.group'];

function status(code: number, description: string) {
  return { headers: headers(code, description) };
}
function coded(value: string) {
  const all = headers();
  all.set('Nats-Service-Error-Code', '500');
  all.set('Nats-Service-Error', value);
  return { headers: all };
}

/** Replies that the service never sends, and a part of the error that names each. */
const STRANGE: Record<string, { reply: (request: Msg) => void; named: string }> = {
  'an empty reply': { reply: (request) => request.respond(), named: 'an empty reply' },
  'a status': { reply: (request) => request.respond('', status(404, 'Not Found')), named: 'the status 404' },
  'a status with an answer': {
    reply: (request) => request.respond('[]', status(408, 'Request Timeout')),
    named: 'a reply that is no JSON object',
  },
  'no JSON': { reply: (request) => request.respond('<html>'), named: 'a reply that is not JSON' },
  'a huge text': { reply: (request) => request.respond('x'.repeat(1_000_000)), named: 'a reply that is not JSON' },
  null: { reply: (request) => request.respond('null'), named: 'a reply that is no JSON object' },
  'a number': { reply: (request) => request.respond('7'), named: 'a reply that is no JSON object' },
  'a list': { reply: (request) => request.respond('[{"position":"1"}]'), named: 'a reply that is no JSON object' },
  'an empty object': { reply: (request) => request.respond('{}'), named: 'a reply that is no answer to it' },
  "another service's answer": {
    reply: (request) => request.respond('{"ok":true,"groupId":1}'),
    named: 'a reply that is no answer to it',
  },
  "an answer in the envelope of Nest's ClientProxy": {
    reply: (request) => request.respond('{"response":{"groupId":"g1"},"isDisposed":true,"id":"x"}'),
    named: 'a reply that is no answer to it',
  },
  'an acknowledgement': {
    reply: (request) => request.respond('{"stream":"AUDIT","seq":7}'),
    named: 'an acknowledgement of the JetStream stream AUDIT',
  },
  'an acknowledgement with a position': {
    reply: (request) => request.respond('{"stream":"AUDIT","seq":7,"domain":"hub","duplicate":true,"position":"1"}'),
    named: 'an acknowledgement of the JetStream stream AUDIT',
  },
  'a refusal of JetStream': {
    reply: (request) =>
      request.respond('{"error":{"code":503,"err_code":10077,"description":"full"},"stream":"A","seq":0}'),
    named: 'an acknowledgement of the JetStream stream A',
  },
  "another service's error": {
    reply: (request) => request.respond('', coded('oops')),
    named: 'an empty reply',
  },
  "another service's error with a body": {
    reply: (request) => request.respond('{"message":"oops"}', coded('oops')),
    named: "another service's error",
  },
};

describe('a reply that the service did not send', () => {
  let nats: TestNats;
  let service: NatsConnection;
  let client: CohortClient;
  beforeAll(async () => {
    nats = await startNats();
    service = await connect({ servers: nats.url });
    client = await CohortClient.connect({ servers: nats.url });
  });
  afterAll(async () => {
    await client?.close();
    await service?.close();
    await nats?.stop();
  });

  async function serving(reply: (request: Msg) => void): Promise<() => Promise<void>> {
    const subscription = service.subscribe('group.v1.*.*', { callback: (_error, request) => reply(request) });
    await service.flush();
    return async () => {
      subscription.unsubscribe();
      await service.flush();
    };
  }
  const failure = async (call: Promise<unknown>): Promise<CohortError> => {
    const error: unknown = await call.then(
      (value) => new Error(`resolved with ${JSON.stringify(value)}`),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CohortError);
    return error as CohortError;
  };
  const create = (timeoutMs = 3_000) => client.command('create', { ...CREATE, commandId: 'c' }, { timeoutMs });
  const group = (timeoutMs = 3_000) => client.query('group', { app: 'demo', groupId: 'g1' }, { timeoutMs });

  test.each(Object.entries(STRANGE))(
    'is no answer to a command or a query, and is named: %s',
    async (_name, { reply, named }) => {
      const stop = await serving(reply);
      const [command, query] = await Promise.all([failure(create()), failure(group())]);
      await stop();
      expect(command).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { commandId: 'c' } });
      expect(command.message).toContain(`${COMMAND} got ${named}`);
      expect(query.code).toBe('UNAVAILABLE');
      expect(query.message).toContain(`${QUERY} got ${named}`);
    },
  );

  test('without a position is no answer to a command', async () => {
    const stop = await serving((request) => request.respond('{"groupId":"g1"}'));
    expect(await failure(create())).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await stop();
  });

  test.each(Object.entries(STRANGE))("doesn't hide the answer that follows it: %s", async (_name, { reply }) => {
    const stop = await serving((request) => {
      reply(request);
      request.respond(JSON.stringify(ANSWER));
    });
    expect(await create(60_000)).toEqual(ANSWER);
    expect(await group(60_000)).toEqual(ANSWER);
    await stop();
  });

  test("with malformed headers leaves the client's connection working", async () => {
    const socket = connectSocket(nats.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('CONNECT {"verbose":false,"headers":true}\r\n');
    const head = 'NATS/1.0\r\na bad key: 1\r\n\r\n';
    const stop = await serving((request) =>
      socket.write(`HPUB ${request.reply} ${head.length} ${head.length + 2}\r\n${head}{}\r\n`),
    );
    expect((await failure(create())).message).toContain('a reply with malformed headers');
    await stop();
    socket.destroy();
    const end = await serving((request) => request.respond(JSON.stringify(ANSWER)));
    expect(await create(60_000)).toEqual(ANSWER);
    await end();
  });

  test('from a stream that is made while the client runs is named, and the answer of a service counts', async () => {
    const { streams } = await service.jetstreamManager();
    await streams.add({ name: 'AUDIT', subjects: ['group.v1.command.>'] });
    const error = await failure(create());
    expect(error.code).toBe('OUTCOME_UNKNOWN');
    expect(error.message).toContain('the JetStream stream AUDIT, which takes this subject');
    const stop = await serving((request) => request.respond(JSON.stringify(ANSWER)));
    for (let i = 0; i < 20; i++) expect(await create(60_000)).toEqual(ANSWER);
    await stop();
    await streams.delete('AUDIT');
    expect(await failure(create())).toMatchObject({ code: 'UNAVAILABLE' });
  });
});
