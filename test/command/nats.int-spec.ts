import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { COMMANDS, eventSubject } from '@cohort/contracts';
import fc from 'fast-check';
import { connect, headers, RequestStrategy, type NatsConnection } from 'nats';
import { firstValueFrom } from 'rxjs';
import { metric } from '../support/metrics';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';

let service: Awaited<ReturnType<typeof sharedService>>;
/** The tenant. */
let app: string;
let client: NatsConnection;

beforeAll(async () => {
  [service, { id: app }] = await Promise.all([sharedService(), newTenant()]);
  client = await connect({ servers: service.natsUrl });
}, FIRST_START_MS);
afterAll(() => client?.close());

const SERVICE = { type: 'service' } as const;

async function send(subject: string, body: unknown, requestHeaders: Record<string, string> = {}) {
  const sent = headers();
  for (const [name, value] of Object.entries(requestHeaders)) sent.set(name, value);
  const message = await client.request(subject, typeof body === 'string' ? body : JSON.stringify(body), {
    timeout: 20_000,
    headers: sent,
  });
  return { body: message.json<Record<string, unknown>>(), code: message.headers?.get('Nats-Service-Error-Code') };
}

const run = (name: string, data: object, requestHeaders?: Record<string, string>) =>
  send(`group.v1.command.${name}`, { app, actor: SERVICE, ...data }, requestHeaders);

const refusal = (code: string) => ({ body: { error: expect.objectContaining({ code }) as unknown } });

let count = 0;
const newId = () => `g${++count}`;

describe('a command over plain NATS', () => {
  it('creates a group, and changes it until it is dismissed', async () => {
    const groupId = newId();
    const { body } = await send(
      'group.v1.command.create',
      `{"app":"${app}","actor":{"type":"service"},"groupId":"${groupId}","name":"Sales","owner":"u1","members":["u2","u3"]}`,
    );
    expect(body).toMatchObject({ groupId, revision: '1', position: expect.any(String) as unknown });
    expect((await run('join', { groupId, userId: 'u4' })).body).toMatchObject({ groupId });
    expect((await run('addMembers', { groupId, userIds: ['u2', 'u5'] })).body).toMatchObject({
      results: [
        { userId: 'u2', ok: true },
        { userId: 'u5', ok: true },
      ],
    });
    await run('kick', { groupId, userIds: ['u5'] });
    await run('changeInfo', { groupId, name: 'Sales II' });
    await run('transfer', { groupId, newOwner: 'u2' });
    await run('leave', { groupId, userId: 'u1' });
    const { body: last } = await run('dismiss', { groupId });
    expect(Number(last.revision)).toBeGreaterThanOrEqual(7);
    expect(await run('join', { groupId, userId: 'u9' })).toMatchObject({ ...refusal('GROUP_DISMISSED'), code: '410' });
  });

  it('creates a group without an id, and the same group for the same command id', async () => {
    const create = { name: 'No id', owner: 'u1', commandId: 'create-without-id' };
    const { body } = await run('create', create);
    expect(body.groupId).toMatch(/^[0-9]{1,16}$/);
    expect((await run('create', create)).body).toEqual(body);
    const another = await run('create', { name: 'No id', owner: 'u1' });
    expect(another.body.groupId).not.toBe(body.groupId);
    expect(await run('create', { ...create, owner: 'u2' })).toMatchObject(refusal('COMMAND_ID_REUSED'));
  });

  it('creates a group with 3,000 members of 64 characters', async () => {
    const members = Array.from({ length: 3_000 }, (_, i) =>
      `${'member-with-a-long-id-'.repeat(2)}${i}`.padEnd(64, 'x'),
    );
    const { body } = await run('create', { name: 'large', owner: 'u1', members });
    // After `created`, 500 members to an event.
    expect(body).toMatchObject({ groupId: expect.any(String) as string, revision: '6' });
  });

  it('is carried out once when it is sent again with its id', async () => {
    const groupId = newId();
    await run('create', { groupId, name: 'n', owner: 'u1' });
    const join = { groupId, userId: 'u2', commandId: 'join-once' };
    const first = await run('join', join);
    await run('leave', { groupId, userId: 'u2' });
    expect(await run('join', join)).toEqual(first);
  });

  it('may carry the revision that it expects', async () => {
    const groupId = newId();
    const { body } = await run('create', { groupId, name: 'n', owner: 'u1' });
    const revision = body.revision as string;
    expect((await run('join', { groupId, userId: 'u2', expectedRevision: revision })).body).toHaveProperty('groupId');
    expect(await run('join', { groupId, userId: 'u3', expectedRevision: revision })).toMatchObject({
      body: {
        error: {
          code: 'CONCURRENCY_CONFLICT',
          details: { expected: revision, actual: String(Number(revision) + 1) },
        },
      },
      code: '409',
    });
    const { body: refused } = await run('join', { groupId, userId: 'u3', expectedRevision: 1 });
    expect(refused).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
  });

  it.each(Object.keys(COMMANDS))('%s is answered on both forms of its subject', async (name) => {
    for (const subject of [`group.v1.command.${name}`, `group.v1.app.${app}.command.${name}`]) {
      const { body, code } = await send(subject, {});
      expect(body).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
      expect(code).toBe('400');
    }
  });
});

describe('the tenant form', () => {
  it('takes the tenant from the subject', async () => {
    const groupId = newId();
    const create = { actor: SERVICE, groupId, name: 'n', owner: 'u1' };
    expect((await send(`group.v1.app.${app}.command.create`, create)).body).toMatchObject({ groupId });
    const join = { app, actor: SERVICE, groupId, userId: 'u2' };
    expect((await send(`group.v1.app.${app}.command.join`, join)).body).toMatchObject({ groupId });
  });

  it('refuses another tenant in the body, and an unknown tenant', async () => {
    const create = { app, actor: SERVICE, name: 'n', owner: 'u1' };
    expect(await send('group.v1.app.other.command.create', create)).toMatchObject({
      ...refusal('FORBIDDEN'),
      code: '403',
    });
    expect(await send('group.v1.app.other.command.create', { ...create, app: undefined })).toMatchObject({
      ...refusal('APP_NOT_FOUND'),
      code: '404',
    });
    expect(await run('create', { ...create, app: 'other' })).toMatchObject(refusal('APP_NOT_FOUND'));
    expect(await send(`group.v1.app.${app}.command.create`, { ...create, app: null })).toMatchObject(
      refusal('FORBIDDEN'),
    );
  });
});

describe('a deadline', () => {
  it.each(['0', '-1', '60001', 'soon', '1.5', '1e3'])('of %s ms is refused', async (timeout) => {
    const { body, code } = await run('join', { groupId: 'g1', userId: 'u' }, { 'Cohort-Timeout': timeout });
    expect(body).toMatchObject({
      error: { code: 'VALIDATION_FAILED', details: { fields: [{ field: 'Cohort-Timeout' }] } },
    });
    expect(code).toBe('400');
  });

  it('within the bounds is accepted, whatever the case of the header', async () => {
    for (const header of ['Cohort-Timeout', 'cohort-timeout']) {
      const { body } = await run('create', { name: 'n', owner: 'u1' }, { [header]: '60000' });
      expect(body).toHaveProperty('groupId');
    }
    expect(await run('create', { name: 'n', owner: 'u1' }, { 'cohort-timeout': 'soon' })).toMatchObject(
      refusal('VALIDATION_FAILED'),
    );
  });
});

describe('bad input', () => {
  it('is answered with three wrong fields by name, and the number of the others', async () => {
    const { body } = await send('group.v1.command.create', {
      app: 'a/b',
      actor: { type: 'robot' },
      name: '',
      members: [7],
      colour: 'blue',
    });
    const { message, details } = body.error as { message: string; details: { fields: object[] } };
    expect(details).toEqual({
      fields: ['colour', 'app', 'actor.type'].map((field) => expect.objectContaining({ field }) as object),
      more: 3,
    });
    expect(message).toMatch(/^colour is not a known field; app must .*; actor\.type must .*; and 3 more$/);
  });

  it.each(['', '{', '[]', 'null', '7', '"x"', '[{"app":"demo"}]', '{"__proto__":{"app":"demo"}}', '\u0000'])(
    '%j is answered VALIDATION_FAILED',
    async (body) => {
      for (const subject of ['group.v1.command.create', `group.v1.app.${app}.command.create`]) {
        expect(await send(subject, body)).toMatchObject({ ...refusal('VALIDATION_FAILED'), code: '400' });
      }
    },
  );

  it('of any shape is answered, and the service continues', async () => {
    const names = fc.constantFrom(...Object.keys(COMMANDS));
    const fields = [
      'app',
      'actor',
      'groupId',
      'userId',
      'userIds',
      'members',
      'groups',
      'commandId',
      '__proto__',
      'then',
    ];
    const value = fc.oneof(
      fc.constantFrom<unknown>(app, SERVICE, { type: 'user', id: 'u1' }, [], {}, null, '', 'u1', ['u1', 'u1'], -1),
      fc.jsonValue({ maxDepth: 3 }),
      fc.string({ unit: 'binary', maxLength: 80 }),
    );
    await fc.assert(
      fc.asyncProperty(names, fc.dictionary(fc.constantFrom(...fields), value), async (name, body) => {
        const answer = (await run(name, body)).body;
        expect('error' in answer ? (answer.error as { code: string }).code : 'ok').not.toBe('INTERNAL');
      }),
      { numRuns: 400 },
    );
    expect((await run('create', { name: 'alive', owner: 'u1' })).body).toHaveProperty('groupId');
  });

  it('published without a reply subject is carried out or dropped, and the service continues', async () => {
    const groupId = newId();
    // Two nodes take commands, so the next one doesn't wait for this one.
    const created = client.subscribe(eventSubject(app, groupId, 'created'), { max: 1 });
    client.publish('group.v1.command.create', '{');
    client.publish('group.v1.command.create', JSON.stringify({ app: 'other' }));
    client.publish('group.v1.command.create', JSON.stringify({ app, actor: SERVICE, groupId, name: 'n', owner: 'u1' }));
    expect((await created[Symbol.asyncIterator]().next()).done).toBe(false);
    expect(await run('create', { groupId, name: 'n', owner: 'u1' })).toMatchObject(refusal('GROUP_EXISTS'));
  });
});

it("Nest's ClientProxy sends commands and receives their answers and errors", async () => {
  const nest = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [service.natsUrl] } });
  try {
    const groupId = newId();
    const create = { app, actor: SERVICE, groupId, name: 'n', owner: 'u1' };
    await expect(firstValueFrom(nest.send('group.v1.command.create', create))).resolves.toMatchObject({ groupId });
    await expect(firstValueFrom(nest.send('group.v1.command.create', create))).rejects.toMatchObject({
      code: 'GROUP_EXISTS',
    });
    await expect(firstValueFrom(nest.send('group.v1.command.create', {}))).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  } finally {
    await nest.close();
  }
});

it('discovery shows the command nodes, their endpoints and the counts of these (ADR-32)', async () => {
  const nodes = service.commands.length;
  // The client waits up to 15 s for the first answer, and then briefly for more.
  const services = client.services.client({ strategy: RequestStrategy.JitterTimer, maxWait: 15_000 });
  const gather = async <T>(found: Promise<AsyncIterable<T>>): Promise<T[]> => {
    const all: T[] = [];
    for await (const one of await found) all.push(one);
    return all;
  };
  const pings = await gather(services.ping('cohort-command'));
  expect(pings).toHaveLength(nodes);
  expect(pings[0]).toMatchObject({ type: 'io.nats.micro.v1.ping_response', name: 'cohort-command' });
  const [info] = await gather(services.info('cohort-command', pings[0]!.id));
  expect(info!.endpoints).toContainEqual({
    name: 'create',
    subject: 'group.v1.command.create',
    queue_group: 'group-command',
    metadata: {},
  });
  expect(info!.endpoints).toContainEqual(
    expect.objectContaining({ name: 'app-create', subject: 'group.v1.app.*.command.create' }),
  );
  const statsOf = async () => {
    const stats = await gather(services.stats('cohort-command'));
    expect(stats).toHaveLength(nodes);
    return stats.map(({ endpoints }) => endpoints!.find(({ name }) => name === 'dismiss')!);
  };
  type Stats = Awaited<ReturnType<typeof statsOf>>[number];
  const sum = (stats: Stats[], field: 'num_requests' | 'num_errors' | 'processing_time') =>
    stats.reduce((total, one) => total + one[field], 0);
  const before = await statsOf();
  await run('dismiss', { groupId: 'never created' });
  const after = await statsOf();
  expect(sum(after, 'num_requests')).toBe(sum(before, 'num_requests') + 1);
  expect(sum(after, 'num_errors')).toBe(sum(before, 'num_errors') + 1);
  expect(after.map(({ last_error }) => last_error).join()).toContain('GROUP_NOT_FOUND');
  expect(sum(after, 'processing_time')).toBeGreaterThan(sum(before, 'processing_time'));
  for (const { average_processing_time } of after) expect(average_processing_time).toBeLessThan(1e9);
});

it('metrics count commands by name and outcome', async () => {
  const line = 'cohort_command_duration_seconds_count{command="dismiss",outcome="GROUP_NOT_FOUND"}';
  const count = async () =>
    (await Promise.all(service.commands.map((node) => metric(node, line)))).reduce((sum, one) => sum + one, 0);
  const before = await count();
  await run('dismiss', { groupId: 'never created' });
  expect(await count()).toBe(before + 1);
});
