import { boundsOfSubject, MAX_MESSAGE_BYTES } from '@cohort/contracts';
import { escapedJson, largestOf, OPERATIONS, type Operation, type Plain } from '@cohort/contracts/testing';
import { connect, type NatsConnection } from 'nats';
import { FIRST_START_MS, newTenant, sharedService, type Tenant } from '../support/service';

/** Most bytes of an error, its headers included. */
const MOST_BYTES = 4_096;
const LONG = 'x'.repeat(60_000);

let tenant: Tenant;
let other: Tenant;
let client: NatsConnection;
/** The connection of the other tenant: what it sends doesn't wait in front of our messages. */
let flooding: NatsConnection;

beforeAll(async () => {
  const [{ natsUrl }, ...tenants] = await Promise.all([sharedService(), newTenant(), newTenant()]);
  [tenant, other] = tenants;
  [client, flooding] = await Promise.all([connect({ servers: natsUrl }), connect({ servers: natsUrl })]);
}, FIRST_START_MS);
afterAll(() => Promise.all([client?.close(), flooding?.close()]));

interface Reply {
  readonly code: string | undefined;
  readonly message: string;
  readonly fields: readonly string[];
  readonly bytes: number;
}

async function send(subject: string, body: unknown): Promise<Reply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await client.request(subject, text, { timeout: 20_000 });
  const headers = reply.headers?.keys().map((key) => key.length + reply.headers!.get(key).length + 4) ?? [];
  const { error } = reply.json<{
    error?: { code: string; message: string; details?: { fields?: { field: string }[] } };
  }>();
  return {
    code: error?.code,
    message: error?.message ?? '',
    fields: error?.details?.fields?.map(({ field }) => field) ?? [],
    bytes: reply.data.length + headers.reduce((sum, size) => sum + size, 12),
  };
}

const subjectOf = ({ kind, name }: Operation) => `group.v1.${kind}.${name}`;
/** A legal message with short lists, for a group that doesn't exist. */
const legal = (operation: Operation): Plain => ({ ...largestOf(operation, 2), app: tenant.id });
/** JSON with space at its end, of so many bytes. */
function padded(body: Plain, bytes: number): string {
  const json = JSON.stringify(body);
  return json + ' '.repeat(bytes - Buffer.byteLength(json));
}

describe.each(OPERATIONS)('the $kind $name', (operation) => {
  const subject = subjectOf(operation);
  const { bytes } = operation.bounds;

  it('takes a message of its largest size, and no larger one', async () => {
    expect((await send(subject, padded({ ...legal(operation), colour: 1 }, bytes))).fields).toEqual(['colour']);
    // NATS itself refuses what is larger than a megabyte.
    if (bytes === MAX_MESSAGE_BYTES) return;
    const refused = await send(subject, padded(legal(operation), bytes + 1));
    expect(refused.code).toBe('TOO_LARGE');
    expect(refused.bytes).toBeLessThan(MOST_BYTES);
  });

  it.each<[string, (body: Plain) => unknown]>([
    ['null for each field', (body) => Object.fromEntries(Object.keys(body).map((name) => [name, null]))],
    ['a list for each field', (body) => Object.fromEntries(Object.keys(body).map((name) => [name, [5]]))],
    ['texts of 60 KB', (body) => Object.fromEntries(Object.keys(body).map((name) => [name, LONG.slice(0, 4_000)]))],
    ['a name of 60 KB', (body) => ({ ...body, [LONG]: 1 })],
    ['names that need escapes', (body) => ({ ...body, ['\u0000"\\'.repeat(2_000)]: 1, ['\ud800'.repeat(2_000)]: 1 })],
    ['fields named like those of every object', (body) => ({ ...body, toString: 1, valueOf: 1, hasOwnProperty: 1 })],
    ['a prototype', (body) => `{"__proto__":{"x":1},${JSON.stringify(body).slice(1)}`],
    ['a constructor', (body) => ({ ...body, constructor: { name: 'x' } })],
    ['more fields than there can be', (body) => ({ ...body, x: Array(30_000).fill(1) })],
    ['deep lists', (body) => ({ ...body, x: JSON.parse('['.repeat(20) + ']'.repeat(20)) as unknown })],
    ['a field twice', (body) => `{"app":"other",${JSON.stringify(body).slice(1)}`],
    ['a number that is an object', (body) => ({ ...body, limit: { toString: 'x' }, sync: { valueOf: 1 } })],
    ['no fields', () => ({})],
  ])('refuses %s by a short VALIDATION_FAILED', async (_, make) => {
    const reply = await send(subject, make(legal(operation)));
    expect(reply).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(reply.bytes).toBeLessThan(MOST_BYTES);
    expect(reply.fields.length).toBeLessThanOrEqual(3);
  });
});

describe('the actor of a command', () => {
  it.each<[object, string]>([
    [{ type: 'service', id: 'u1' }, 'actor.id'],
    [{ type: 'service', id: null }, 'actor.id'],
    [{ type: 'user', id: 'u1', onBehalfOf: 'u2' }, 'actor.onBehalfOf'],
    [{ type: 'user' }, 'actor.id'],
    [{ type: 'service', toString: 'x' }, 'actor.toString'],
    [['service'], 'actor'],
  ])('%j is refused', async (actor, field) => {
    const reply = await send('group.v1.command.dismiss', { app: tenant.id, actor, groupId: 'g' });
    expect([reply.code, reply.fields]).toEqual(['VALIDATION_FAILED', [field]]);
  });
});

describe('a text over NATS', () => {
  const actor = { type: 'service' };
  const change = (fields: object) =>
    send('group.v1.command.changeInfo', { app: tenant.id, actor, groupId: 'texts', ...fields });

  beforeAll(() => send('group.v1.command.create', { app: tenant.id, actor, groupId: 'texts', name: 'n', owner: 'u' }));

  it.each(['\u0000', '\n', '\t', '\u001b[31m', '\u007f', '\u0085', '\u2028', '\ud800'])(
    'is no name if it has %j',
    async (character) => {
      expect((await change({ name: `a${character}b` })).fields).toEqual(['name']);
    },
  );

  it('may have several lines if it is a description or ext, and no other control characters', async () => {
    expect((await change({ description: 'a\nb\r\n\tc', ext: '{\n\t"a": 1\n}' })).code).toBeUndefined();
    expect((await change({ description: 'a\u0000', ext: '\u0007' })).fields).toEqual(['description', 'ext']);
  });
});

describe('a sync of 5,000 groups', () => {
  const sync = (groups: unknown, more: object = {}) =>
    send('group.v1.command.syncUser', {
      app: tenant.id,
      actor: { type: 'service' },
      userId: 'u',
      groups,
      ...more,
    });

  it('whose ids share a long prefix is refused in a short error, at once', async () => {
    const groups = Array.from({ length: 1_200 }, (_, i) => ({ groupId: `${'p'.repeat(780)}${i}`, name: 'n' }));
    const started = performance.now();
    const reply = await sync(groups);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(reply.fields).toEqual(['groups.0.groupId', 'groups.1.groupId', 'groups.2.groupId']);
    expect(reply.message).toMatch(/; and 1197 more$/);
    expect(reply.bytes).toBeLessThan(MOST_BYTES);
  });

  it('and one more is refused for its count, before anything looks at a group', async () => {
    const reply = await sync(Array(5_001).fill(7));
    expect([reply.fields, reply.message]).toEqual([['groups'], 'groups must have at most 5000 items']);
  });

  it('that names a group twice is refused', async () => {
    const groups = Array.from({ length: 5_000 }, (_, i) => ({ groupId: `${'p'.repeat(55)}${i % 4_999}`, name: 'n' }));
    expect((await sync(groups)).fields).toEqual(['groups']);
  });
});

it('a kick of ids that were chosen to have one hash takes no longer than another', async () => {
  const app = tenant.id;
  const actor = { type: 'service' };
  const members = Array.from({ length: 3_000 }, (_, i) =>
    Array.from({ length: 12 }, (__, bit) => ((i >> bit) & 1 ? 'Aa' : 'BB')).join(''),
  );
  await send('group.v1.command.create', { app, actor, groupId: 'hashes', name: 'n', owner: 'o', members });
  const started = performance.now();
  const userIds = members.slice(0, 1_000);
  expect(await send('group.v1.command.kick', { app, actor, groupId: 'hashes', userIds })).toMatchObject({
    code: undefined,
  });
  expect(performance.now() - started).toBeLessThan(1_500);
});

it("a tenant's small commands are answered while another one sends the largest messages without a pause", async () => {
  const actor = { type: 'service' };
  const wide = '\u{1F600}'.repeat(60);
  const users = Array.from({ length: 1_000 }, (_, i) => `${wide}${i}`);
  const large: [string, string][] = [
    ['group.v1.command.kick', JSON.stringify({ app: other.id, actor, groupId: 'g', userIds: users })],
    ['group.v1.command.addMembers', escapedJson({ app: other.id, actor, groupId: 'g', userIds: users })],
    ['group.v1.command.join', JSON.stringify({ app: other.id, actor, groupId: 'g', userId: 'x'.repeat(1_000_000) })],
    [
      'group.v1.command.syncUser',
      JSON.stringify({
        app: other.id,
        actor,
        userId: 'u',
        groups: Array.from({ length: 1_200 }, (_, i) => ({ groupId: `${'p'.repeat(780)}${i}`, name: 'n' })),
      }),
    ],
    ['group.v1.command.syncUser', `{"app":"${other.id}","x":[${'[],'.repeat(300_000)}1]}`],
    ['group.v1.query.members', `{"app":"${other.id}","groupId":"g","limit":1000,"after":"0"}`],
  ];
  for (const [subject, body] of large) expect(body.length).toBeLessThan(boundsOfSubject(subject).bytes + 1_000_000);
  for (const app of [tenant.id, other.id]) {
    await send('group.v1.command.create', { app, actor, groupId: 'g', name: 'n', owner: 'o' });
  }
  let isOver = false;
  let sent = 0;
  const flood = Array.from({ length: 16 }, async (_, i) => {
    for (let turn = i; !isOver; turn++) {
      const [subject, body] = large[turn % large.length]!;
      await flooding.request(subject, body, { timeout: 20_000 });
      sent += 1;
    }
  });
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    const started = performance.now();
    const body = { app: tenant.id, actor, groupId: 'g', userId: `u${i}` };
    expect((await send('group.v1.command.join', body)).code).toBeUndefined();
    times.push(performance.now() - started);
  }
  isOver = true;
  await Promise.all(flood);
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.floor(share * (times.length - 1))]!);
  if (process.env.SHOW_TIMES) process.stderr.write(`sent ${sent}, ms: ${[0.5, 0.95, 1].map(at).join(' ')}\n`);
  expect(sent).toBeGreaterThan(50);
  expect(at(0.5)).toBeLessThan(500);
  expect(at(1)).toBeLessThan(3_000);
});
