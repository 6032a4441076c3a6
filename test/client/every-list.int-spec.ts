import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CohortClient, CohortError, everyPage, mirror, type MirroredList, type MirrorOf } from '@cohort/client';
import { PagedQuery, QUERIES, type Actor, type CommandData, type CommandName, type QueryData } from '@cohort/contracts';
import { service } from '@cohort/contracts/testing';
import { anyCommand, COMMAND_NAMES, exampleOf } from '@cohort/group/testing';
import fc from 'fast-check';
import { connect, type NatsConnection } from 'nats';
import { requires } from '../support/servers';
import { FIRST_START_MS, startStack, type Stack } from '../support/stack';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

const app = 'demo';
const by = { app, actor: service };
let stack: Stack;
let client: CohortClient;
let nats: NatsConnection;
beforeAll(async () => {
  stack = await startStack({ queryNodes: 2, env: { QUERY_AFTER_TIMEOUT_MS: '10000' } });
  client = await CohortClient.connect({ servers: stack.nats.url });
  nats = await connect({ servers: stack.nats.url });
}, FIRST_START_MS);
afterAll(async () => {
  await nats?.close();
  await client?.close();
  expect(await stack?.stop()).toEqual([]);
});

describe('the page of lists', () => {
  const page = readFileSync(join(__dirname, '../../docs/lists.md'), 'utf8');

  it('names every list, and its requests are answered', async () => {
    const { position } = await client.command('create', {
      ...by,
      groupId: 'g1',
      name: 'Sales',
      owner: 'u1',
      members: ['u2'],
    });
    await client.query('group', { app, groupId: 'g1', after: position });
    const paged = Object.entries(QUERIES)
      .filter(([, { dto }]) => PagedQuery.prototype.isPrototypeOf(dto.prototype as object))
      .map(([name]) => name);
    const requests = [...page.matchAll(/^nats req (\S+) '(.+)'$/gm)].map(([, subject, body]) => ({
      subject: subject!,
      body: body!,
    }));
    const inTable = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    expect(inTable.sort()).toEqual(paged.sort());
    expect([...new Set(requests.map(({ subject }) => subject.split('.').at(-1)))].sort()).toEqual(paged);
    for (const { subject, body } of requests) {
      // Another node may be behind.
      const reply = await nats.request(subject, JSON.stringify({ ...(JSON.parse(body) as object), after: position }));
      expect([subject, reply.headers?.get('Nats-Service-Error-Code') ?? '', reply.string()]).toEqual([
        subject,
        '',
        reply.string(),
      ]);
    }
  });

  it('has a copy of each list that reports changes', () => {
    const named = [...page.matchAll(/^mirror\(cohort, '(\w+)', \{/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(copied([], [])).sort());
  });
});

/** What is copied of these groups and users. */
const copied = (
  groupIds: readonly string[],
  userIds: readonly string[],
): { [N in MirroredList]: readonly MirrorOf[N][] } => {
  const ofGroups = groupIds.map((groupId) => ({ app, groupId }));
  const ofUsers = userIds.map((userId) => ({ app, userId }));
  return {
    ...{ members: ofGroups, banned: ofGroups, allowList: ofGroups, blocked: ofGroups },
    ...{ announcements: ofGroups, files: ofGroups, userGroups: ofUsers },
    applications: groupIds.length === 0 ? [] : [{ app, groupIds }],
    invitations: [...ofGroups, ...ofUsers],
  };
};

const sorted = (entries: Iterable<object>) => [...entries].map((entry) => JSON.stringify(entry)).sort();
const ended = (error: unknown): string[] => {
  if (error instanceof CohortError && error.code === 'GROUP_DISMISSED') return [error.code];
  throw error;
};

function comparison<N extends MirroredList>(name: N, of: MirrorOf[N]) {
  const copy = mirror(client, name, of);
  return async (after: string) => {
    const whole = async () => {
      const pages = await everyPage((cursor) =>
        client.query(name, { ...of, limit: 2, after, cursor } as unknown as QueryData<N>),
      );
      return sorted(pages.flatMap((page) => Object.values(page).filter(Array.isArray).flat() as object[]));
    };
    const once = async () => ({
      ...{ name, of },
      copy: await copy.refresh({ after }).then((entries) => sorted(entries.values()), ended),
      list: await whole().catch(ended),
    });
    let last = await once();
    // The worker may have announced an end between the two.
    const isEqual = async () =>
      JSON.stringify(last.copy) === JSON.stringify(last.list) || ((last = await once()), false);
    await waitFor(isEqual).catch(() => undefined);
    expect(last).toEqual({ ...last, copy: last.list });
  };
}

it('copies of all lists equal the lists after commands of all features, whichever of two nodes answers', async () => {
  const [groupIds, userIds] = [
    ['g', 'h'],
    ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'],
  ];
  const lists = copied(groupIds, userIds.slice(0, 4));
  const copies = (Object.keys(lists) as MirroredList[]).flatMap((name) =>
    lists[name].map((of) => comparison(name, of)),
  );
  let after = '0';
  const compare = async () => void (await Promise.all(copies.map((each) => each(after))));
  const done = new Set<string>();
  const send = async <N extends CommandName>(
    name: N,
    data: Omit<CommandData<N>, 'app' | 'actor'> & { readonly actor?: Actor },
  ) => {
    const answer = await client
      .command(name, { ...by, ...data } as unknown as CommandData<N>)
      .catch((error: unknown) => {
        if (!(error instanceof CohortError) || error.code === 'INTERNAL') throw error;
      });
    if (answer === undefined) return;
    after = answer.position;
    done.add(name);
  };
  const settings = { visibility: 'public', membersMayInvite: true } as const;
  for (const groupId of groupIds) {
    await send('create', { groupId, name: groupId, owner: 'u1', members: ['u2', 'u3'], settings });
  }
  await compare();

  const names = COMMAND_NAMES.filter((name) => !/^(dismiss|disable|create|createOrJoin|.*[iI]mport.*)$/.test(name));
  const sensible = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...userIds))
    .map(([name, id]) => exampleOf(name, id));
  const steps = fc.record({
    groupId: fc.constantFrom(...groupIds),
    command: fc.oneof(
      { weight: 4, arbitrary: sensible },
      { weight: 1, arbitrary: anyCommand.filter(({ type }) => names.includes(type)) },
    ),
  });
  for (const [n, { groupId, command }] of fc.sample(steps, 120).entries()) {
    const { type, data } = command;
    await send(type, { ...data, groupId });
    if (n % 20 === 19) await compare();
  }
  expect(done.size).toBeGreaterThan(15);

  await send('addMembers', { groupId: 'g', userIds: ['u2', 'u4'] });
  await send('disable', { groupId: 'g' });
  await compare();
  await send('enable', { groupId: 'g' });
  await send('transfer', { groupId: 'g', newOwner: 'u2', addIfMissing: true });
  await send('invite', { groupId: 'g', userIds: ['x'], reason: 'Join us', actor: { type: 'user', id: 'u2' } });
  await compare();
  const { sync } = await client.command('eraseUser', { ...by, userId: 'u2' });
  const erased = await client.query('userSync', { app, userId: 'u2', sync, waitMs: 10_000 });
  expect(erased.completed).toBe(true);
  after = erased.position;
  await compare();
  await send('dismiss', { groupId: 'h' });
  await compare();
}, 60_000);
