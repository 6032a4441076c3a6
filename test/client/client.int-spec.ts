import { CohortClient, mirror } from '@cohort/client';
import { CohortError, type QueryNodeApplied } from '@cohort/contracts';
import { connect, headers, type Msg, type NatsConnection } from 'nats';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own nats-server');

const SERVICE = { type: 'service' } as const;
const CREATE = { app: 'demo', actor: SERVICE, groupId: 'g1', name: 'n', owner: 'u1' };
const ANSWER = { groupId: 'g1', revision: '0', position: '10' };

let nats: TestNats;
let service: NatsConnection;
let client: CohortClient;
let received: { subject: string; body: Record<string, unknown>; timeout: number }[];

beforeAll(async () => {
  nats = await startNats();
  service = await connect({ servers: nats.url });
  client = await CohortClient.connect({ servers: nats.url, name: 'test' });
});

afterAll(async () => {
  await client?.close();
  await service?.close();
  await nats?.stop();
});

/** A service that answers as the test says, because the real one can't lose an answer on demand. */
async function serve(subject: string, answer: (message: Msg, attempt: number) => void): Promise<() => Promise<void>> {
  received = [];
  const subscription = service.subscribe(subject, {
    callback: (_, message) => {
      received.push({
        subject: message.subject,
        body: message.json(),
        timeout: Number(message.headers?.get('Cohort-Timeout')),
      });
      answer(message, received.length);
    },
  });
  await service.flush();
  return async () => {
    subscription.unsubscribe();
    await service.flush();
  };
}

const ok = (message: Msg, answer: object = ANSWER) => message.respond(JSON.stringify(answer));

function refuse(message: Msg, code: string): void {
  const sent = headers();
  sent.set('Nats-Service-Error', `${code}: no`);
  sent.set('Nats-Service-Error-Code', '400');
  message.respond(JSON.stringify({ error: { code, message: 'no', details: { a: 1 } } }), { headers: sent });
}

const failure = async (promise: Promise<unknown>): Promise<CohortError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CohortError);
  return error as CohortError;
};

describe('a command', () => {
  it("is answered; it carries a command id, and the caller's time in a header", async () => {
    const stop = await serve('group.v1.command.create', (message) => ok(message));
    await expect(client.command('create', CREATE, { timeoutMs: 30_000 })).resolves.toEqual(ANSWER);
    await stop();
    expect(received).toEqual([
      {
        subject: 'group.v1.command.create',
        body: {
          ...CREATE,
          commandId: expect.stringMatching(
            /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
          ) as unknown,
        },
        timeout: expect.any(Number) as number,
      },
    ]);
    // What is left of the time when it is sent; not the 10 s of a caller who names none.
    expect(received[0]!.timeout).toBeLessThanOrEqual(30_000);
    expect(received[0]!.timeout).toBeGreaterThan(20_000);
  });

  it('keeps the command id the caller gave', async () => {
    const stop = await serve('group.v1.command.create', (message) => ok(message));
    await client.command('create', { ...CREATE, commandId: 'mine' });
    await stop();
    expect(received[0]!.body.commandId).toBe('mine');
  });

  it('that is refused rejects with its error immediately', async () => {
    const stop = await serve('group.v1.command.create', (message) => refuse(message, 'GROUP_EXISTS'));
    expect(await failure(client.command('create', CREATE))).toMatchObject({
      code: 'GROUP_EXISTS',
      message: 'no',
      details: { a: 1 },
    });
    await stop();
    expect(received).toHaveLength(1);
  });

  it('whose answer is lost is sent again, with the same id and what is left of the time', async () => {
    const stop = await serve('group.v1.command.create', (message, attempt) => attempt > 1 && ok(message));
    await expect(client.command('create', CREATE, { timeoutMs: 9_000 })).resolves.toEqual(ANSWER);
    await stop();
    expect(received).toHaveLength(2);
    expect(received[1]!.body).toEqual(received[0]!.body);
    expect(received[1]!.timeout).toBeLessThanOrEqual(6_000);
    expect(received[1]!.timeout).toBeGreaterThan(3_000);
  });

  it('that is never answered rejects with OUTCOME_UNKNOWN and the command id for a repetition', async () => {
    const stop = await serve('group.v1.command.create', () => undefined);
    const error = await failure(client.command('create', { ...CREATE, commandId: 'c1' }, { timeoutMs: 3_000 }));
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { commandId: 'c1' } });
    await stop();
    expect(received.length).toBeGreaterThan(1);
  });

  it('that no process subscribes to rejects with UNAVAILABLE immediately', async () => {
    const before = Date.now();
    expect(await failure(client.command('create', CREATE))).toMatchObject({ code: 'UNAVAILABLE' });
    // Not when its time is over, after 10 s.
    expect(Date.now() - before).toBeLessThan(5_000);
  });

  it('whose first answer was lost rejects with OUTCOME_UNKNOWN when its repetition is refused or finds no process', async () => {
    const vanish = await serve('group.v1.command.create', () => void vanish());
    const pending = client.command('create', CREATE, { timeoutMs: 1_500 });
    expect(await failure(pending)).toMatchObject({ code: 'OUTCOME_UNKNOWN' });

    const stop = await serve(
      'group.v1.command.create',
      (message, attempt) => attempt > 1 && refuse(message, 'OVERLOADED'),
    );
    expect(await failure(client.command('create', CREATE, { timeoutMs: 900 }))).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    await stop();
  });

  it('that the service answers with OUTCOME_UNKNOWN is sent again', async () => {
    const stop = await serve('group.v1.command.create', (message, attempt) =>
      attempt === 1 ? refuse(message, 'OUTCOME_UNKNOWN') : ok(message),
    );
    await expect(client.command('create', CREATE)).resolves.toEqual(ANSWER);
    await stop();
    expect(received[1]!.body).toEqual(received[0]!.body);
  });

  it('larger than a message may be rejects with TOO_LARGE and is not sent', async () => {
    const stop = await serve('group.v1.command.create', (message) => ok(message));
    const error = await failure(client.command('create', { ...CREATE, members: ['x'.repeat(2_000_000)] }));
    expect(error).toMatchObject({ code: 'TOO_LARGE' });
    await stop();
    expect(received).toHaveLength(0);
  });
});

describe('while NATS is unreachable', () => {
  let own: TestNats;
  let away: CohortClient;
  let served: NatsConnection;
  beforeEach(async () => {
    own = await startNats();
    served = await connect({ servers: own.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    away = await CohortClient.connect({ servers: own.url, reconnectTimeWait: 50 });
  });
  afterEach(async () => {
    await away.close();
    await served.close();
    await own.stop();
  });
  const command = (timeoutMs?: number) => away.command('create', CREATE, timeoutMs === undefined ? {} : { timeoutMs });
  const query = () => away.query('status', { app: 'demo' });
  const arrived = async () => {
    let count = 0;
    served.subscribe('group.v1.*.*', { callback: () => (count += 1) });
    await served.flush();
    return () => waitFor(() => count > 0);
  };
  const quickly = async (call: Promise<unknown>, code: string) => {
    const before = Date.now();
    expect(await failure(call)).toMatchObject({ code });
    // Not when its time is over, after 10 s.
    expect(Date.now() - before).toBeLessThan(5_000);
  };

  it('calls reject with UNAVAILABLE immediately, and succeed again when it is back', async () => {
    await own.kill();
    await waitFor(async () => (await failure(command(300))).code === 'UNAVAILABLE');
    await quickly(command(), 'UNAVAILABLE');
    await quickly(query(), 'UNAVAILABLE');
    served.subscribe('group.v1.command.create', { callback: (_, message) => ok(message) });
    await own.restart();
    await waitFor(async () => (await command().catch(() => undefined)) !== undefined);
  });

  it('a query in flight rejects with UNAVAILABLE immediately', async () => {
    const isThere = await arrived();
    const pending = failure(query());
    await isThere();
    const killed = Date.now();
    await own.kill();
    expect(await pending).toMatchObject({ code: 'UNAVAILABLE' });
    expect(Date.now() - killed).toBeLessThan(5_000);
  });

  it('a command in flight is sent again within its time', async () => {
    const isThere = await arrived();
    const [answered, unknown] = [command(30_000), failure(command(400))];
    await isThere();
    await own.kill();
    expect(await unknown).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    served.subscribe('group.v1.command.create', { callback: (_, message) => ok(message) });
    await own.restart();
    await expect(answered).resolves.toEqual(ANSWER);
  });
});

describe('a query', () => {
  it('resolves with its answer, or rejects with its error', async () => {
    const stop = await serve('group.v1.query.isMember', (message, attempt) =>
      attempt === 1 ? ok(message, { isMember: true }) : refuse(message, 'READ_MODEL_BEHIND'),
    );
    const ask = () => client.query('isMember', { app: 'demo', groupId: 'g1', userId: 'u1' });
    await expect(ask()).resolves.toEqual({ isMember: true });
    expect(await failure(ask())).toMatchObject({ code: 'READ_MODEL_BEHIND' });
    await stop();
  });

  it('without an answer rejects with UNAVAILABLE, whether or not a node subscribes to it', async () => {
    const ask = () => client.query('status', { app: 'demo' }, { timeoutMs: 300 });
    expect(await failure(ask())).toMatchObject({ code: 'UNAVAILABLE' });
    const stop = await serve('group.v1.query.status', () => undefined);
    expect(await failure(ask())).toMatchObject({ code: 'UNAVAILABLE' });
    await stop();
  });

  it('is sent once more when the first node does not answer, and the first answer counts', async () => {
    const asked: Msg[] = [];
    const stop = await serve('group.v1.query.group', (message, attempt) => {
      asked.push(message);
      if (attempt === 2) ok(message, { groupId: 'second' });
    });
    const query = (timeoutMs: number) => client.query('group', { app: 'demo', groupId: 'g1' }, { timeoutMs });
    expect(await query(6_000)).toEqual({ groupId: 'second' });
    expect(received.map(({ timeout }) => timeout)).toEqual([6_000, 4_000]);
    expect(received[0]!.body).toEqual(received[1]!.body);

    // A slow one isn't given up for having been asked again.
    const slow = query(60_000);
    await waitFor(() => asked.length === 3);
    const fast = query(6_000);
    await waitFor(() => asked.length === 5);
    ok(asked[3]!, { groupId: 'late, and first' });
    expect(await fast).toEqual({ groupId: 'late, and first' });
    ok(asked[2]!, { groupId: 'patient' });
    expect(await slow).toEqual({ groupId: 'patient' });
    await stop();
  });

  it('rejects with UNAVAILABLE for an answer that is no JSON, and with INTERNAL for an unknown error', async () => {
    const ask = () => client.query('status', { app: 'demo' });
    const stop = await serve('group.v1.query.status', (message, attempt) =>
      attempt === 1 ? message.respond('{') : refuse(message, 'OF_A_NEWER_VERSION'),
    );
    expect(await failure(ask())).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await failure(ask())).toMatchObject({ code: 'INTERNAL', message: 'OF_A_NEWER_VERSION: no' });
    await stop();
  });
});

it("a tenant's client sends on that tenant's subjects only", async () => {
  const tenant = await CohortClient.connect({ servers: nats.url, tenant: 'demo' });
  const stop = await serve('group.v1.app.demo.>', (message) => ok(message));
  await tenant.command('create', CREATE);
  await tenant.query('status', { app: 'demo' });
  await stop();
  await tenant.close();
  expect(received.map(({ subject }) => subject)).toEqual([
    'group.v1.app.demo.command.create',
    'group.v1.app.demo.query.status',
  ]);
});

it('a command, query or list of a name that there is not is refused with its name, and nothing is sent', async () => {
  const stop = await serve('group.v1.>', (message) => ok(message));
  const no = (text: string) => ({ name: 'CohortError', code: 'UNKNOWN_OPERATION', message: `There is no ${text}.` });
  expect(await failure(client.command('kik' as 'kick', {} as never))).toMatchObject(no('command kik'));
  expect(await failure(client.query('grop' as 'group', {} as never))).toMatchObject(no('query grop'));
  expect(await failure(client.query('toString' as 'group', {} as never))).toMatchObject(no('query toString'));
  const list = () => mirror(client, 'baned' as 'banned', { app: 'demo', groupId: 'g1' });
  expect(await failure(Promise.resolve().then(list))).toMatchObject(no('mirrored list baned'));
  await stop();
  expect(received).toEqual([]);
});

it('a connection that no server accepts is UNAVAILABLE, with their addresses and without a password', async () => {
  const servers = ['nats://me:hidden@127.0.0.1:1', '127.0.0.1:2'];
  const refused = await failure(CohortClient.connect({ servers, waitOnFirstConnect: false }));
  expect(refused).toMatchObject({
    ...{ name: 'CohortError', code: 'UNAVAILABLE', cause: { code: 'CONNECTION_REFUSED' } },
    message: "NATS can't be reached at 127.0.0.1:1, 127.0.0.1:2 (CONNECTION_REFUSED).",
  });
});

it('onQueryNodeApplied reports the positions of query nodes, and skips malformed messages', async () => {
  const reported: QueryNodeApplied[] = [];
  const end = client.onQueryNodeApplied((applied) => reported.push(applied));
  const applied = { node: 'n1', store: 's1', position: '12', leaseMs: 5_000 };
  // A round trip: the server knows the subscription.
  await client.query('status', { app: 'demo' }).catch(() => undefined);
  for (const message of ['{', '{}', JSON.stringify({ ...applied, position: 7 }), JSON.stringify(applied)]) {
    service.publish('group.v1.node.query.applied', message);
  }
  await waitFor(() => reported.length > 0);
  expect(reported).toEqual([applied]);
  end();
});

it('a client sends commands again after nats-server was restarted', async () => {
  const own = await startNats();
  const patient = await CohortClient.connect({ servers: own.url, reconnectTimeWait: 50 });
  let node: NatsConnection | undefined;
  try {
    await own.restart();
    node = await connect({ servers: own.url });
    node.subscribe('group.v1.command.create', { callback: (_, message) => ok(message) });
    await node.flush();
    await waitFor(async () => (await patient.command('create', CREATE, { timeoutMs: 2_000 })).groupId === 'g1');
  } finally {
    await patient.close();
    await node?.close();
    await own.stop();
  }
});
