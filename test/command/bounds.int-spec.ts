import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { MAX_MESSAGE_BYTES } from '@cohort/contracts';
import { escapedJson, largestOf, OPERATIONS, type Operation, type Plain } from '@cohort/contracts/testing';
import { connect, type NatsConnection } from 'nats';
import { metric } from '../support/metrics';
import { FIRST_START_MS, newTenant, sharedService, type Tenant } from '../support/service';

/** Most bytes of an error, its headers included. */
const MOST_BYTES = 4_096;
const LONG = 'x'.repeat(60_000);

let tenant: Tenant;
let other: Tenant;
let client: NatsConnection;
let service: Awaited<ReturnType<typeof sharedService>>;

beforeAll(async () => {
  [service, tenant, other] = await Promise.all([sharedService(), newTenant(), newTenant()]);
  client = await connect({ servers: service.natsUrl });
}, FIRST_START_MS);
afterAll(() => client?.close());

/** What the command nodes need beside: timers, and the collection of earlier garbage. */
const NOISE_SECONDS = 0.5;
/** The processor time that the command nodes need for it. */
async function processorSeconds(work: () => Promise<unknown>): Promise<number> {
  const used = async (): Promise<number> => {
    const of = service.commands.map((node) => metric(node, 'process_cpu_seconds_total'));
    return (await Promise.all(of)).reduce((sum, seconds) => sum + seconds, 0);
  };
  const before = await used();
  await work();
  return (await used()) - before;
}

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

  it('whose ids share a long prefix is refused in a short error, and costs no more than one of short ids', async () => {
    const groups = Array.from({ length: 1_200 }, (_, i) => ({ groupId: `${'p'.repeat(780)}${i}`, name: 'n' }));
    const short = Array.from({ length: 5_000 }, (_, i) => ({ groupId: '', name: `${'n'.repeat(150)}${i}` }));
    let reply = await sync(groups);
    const usual = await processorSeconds(() => sync(short));
    const long = await processorSeconds(async () => (reply = await sync(groups)));
    expect(long).toBeLessThan(5 * usual + NOISE_SECONDS);
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

it('a kick of ids that were chosen to have one hash costs no more than another', async () => {
  const app = tenant.id;
  const actor = { type: 'service' };
  const costOf = async (groupId: string, idOf: (i: number) => string) => {
    const members = Array.from({ length: 3_000 }, (_, i) => idOf(i));
    await send('group.v1.command.create', { app, actor, groupId, name: 'n', owner: 'o', members });
    const kick = { app, actor, groupId, userIds: members.slice(0, 1_000) };
    return processorSeconds(async () => {
      expect((await send('group.v1.command.kick', kick)).code).toBeUndefined();
    });
  };
  const usual = await costOf('usual', (i) => `user-number-${i}`.padEnd(24, 'x'));
  const bits = Array.from({ length: 12 }, (_, bit) => bit);
  const chosen = await costOf('chosen', (i) => bits.map((bit) => ((i >> bit) & 1 ? 'Aa' : 'BB')).join(''));
  expect(chosen).toBeLessThan(3 * usual + NOISE_SECONDS);
});

/**
 * Sends messages from a process of its own, sixteen at a time and without a pause, so that only the service is shared.
 * Returns the number of answers so far, and a function that ends it.
 */
async function flood(messages: readonly (readonly [subject: string, body: string])[]) {
  const child = fork(join(__dirname, 'flood.cjs'));
  const state = { answers: 0 };
  const begun = once(child, 'message');
  child.on('message', (answers: number) => (state.answers = answers));
  child.send({ natsUrl: service.natsUrl, messages });
  await begun;
  const end = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.send('end');
    await ended;
  };
  return { state, end };
}

it("a tenant's small commands are answered while another one sends the largest messages without a pause", async () => {
  const actor = { type: 'service' };
  const app = other.id;
  const wide = '\u{1F600}'.repeat(60);
  const userIds = Array.from({ length: 1_000 }, (_, i) => `${wide}${i}`);
  const groups = Array.from({ length: 1_200 }, (_, i) => ({ groupId: `${'p'.repeat(780)}${i}`, name: 'n' }));
  const messages: [string, string][] = [
    ['group.v1.command.kick', JSON.stringify({ app, actor, groupId: 'g', userIds })],
    ['group.v1.command.addMembers', escapedJson({ app, actor, groupId: 'g', userIds })],
    ['group.v1.command.join', JSON.stringify({ app, actor, groupId: 'g', userId: 'x'.repeat(1_000_000) })],
    ['group.v1.command.syncUser', JSON.stringify({ app, actor, userId: 'u', groups })],
    ['group.v1.command.syncUser', `{"app":"${app}","x":[${'[],'.repeat(300_000)}1]}`],
    ['group.v1.query.members', JSON.stringify({ app, groupId: 'g', limit: 1_000, after: '0' })],
  ];
  for (const each of [tenant.id, app]) {
    await send('group.v1.command.create', { app: each, actor, groupId: 'g', name: 'n', owner: 'o' });
  }
  const { state, end } = await flood(messages);
  /** The flood's answers that come while a small command waits for its own. */
  const overtaken: number[] = [];
  for (let i = 0; i < 60; i++) {
    const before = state.answers;
    const join = { app: tenant.id, actor, groupId: 'g', userId: `u${i}` };
    expect((await send('group.v1.command.join', join)).code).toBeUndefined();
    overtaken.push(state.answers - before);
  }
  await end();
  expect(state.answers).toBeGreaterThan(30);
  // Sixteen messages of the flood are on their way. A small command waits for no more than these, and for a few to be on the safe side.
  expect(overtaken.sort((a, b) => a - b)[30]).toBeLessThan(32);
});
