import { randomUUID } from 'node:crypto';
import { groupStream, type EventMetadata } from '@cohort/contracts';
import { readOne, type EventStore } from '@cohort/event-store';
import { v7 } from 'uuid';
import type { Recorder } from './recorder';
import type { App } from './service';

const user = (id: string) => ({ type: 'user', id }) as const;
const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
/** Commands of one group in flight at the same time: enough that appends carry several. */
const AT_ONCE = 200;

async function inPortions(count: number, send: (i: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    await Promise.all(range(Math.min(AT_ONCE, count - from), from).map(send));
  }
}

/** Makes or unmakes admins straight in the store: there is no command for it yet. */
async function admins(
  store: EventStore,
  type: 'adminGranted' | 'adminRevoked',
  app: App,
  groupId: string,
  ...userIds: string[]
): Promise<void> {
  const stream = groupStream(app, groupId);
  const last = await readOne(store, stream, { backwards: true });
  const commandId = v7();
  const metadata: EventMetadata = {
    $correlationId: commandId,
    $causationId: commandId,
    app,
    actor: { type: 'service' },
    commandId,
    commandHash: '0123456789abcdef',
    at: new Date().toISOString(),
    schemaVersion: 1,
    batch: { index: 0, size: 1 },
  };
  const data = { members: userIds.map((userId) => ({ userId })) };
  await store.append(stream, [{ id: randomUUID(), type, data, metadata }], last!.revision);
}

/** A group with more than 1,000 events, and so a snapshot; its users' commands have short ids of their own. */
const BUSY = { app: 'demo', groupId: 'busy' } as const;
const JOINS = 700;

async function busyGroup(on: Recorder, store: EventStore): Promise<void> {
  const members = ['bob', 'cid', 'dan'];
  await on.send('create', { ...BUSY, name: 'Busy', owner: 'ann', members, capacity: 2_000 }, 'busy-create');
  await admins(store, 'adminGranted', 'demo', 'busy', 'bob', 'cid');
  const join = (i: number, round: number) =>
    on.send('join', { ...BUSY, actor: user(`j${i}`), userId: `j${i}` }, `busy-join-${round}-${i}`);
  await inPortions(JOINS, (i) => join(i, 1));
  await inPortions(250, (i) => on.send('leave', { ...BUSY, actor: user(`j${i}`), userId: `j${i}` }, `busy-leave-${i}`));
  await inPortions(40, (i) => join(i, 2));
  for (const i of range(10)) {
    const userIds = ['ann', 'cid', `j${300 + 2 * i}`, `j${301 + 2 * i}`];
    await on.send('kick', { ...BUSY, actor: user('bob'), userIds }, `busy-kick-${i}`);
  }
}

/** A group's life with all that can happen in it, until its end or not. */
async function lives(on: Recorder, store: EventStore, app: App): Promise<void> {
  const sales = { app, groupId: 'sales' };
  const ann = user('ann');
  await on.send('create', { ...sales, actor: ann, name: 'Sales', owner: 'ann', members: ['bob', 'cid', 'dan'] });
  await on.send('changeInfo', { ...sales, actor: ann, description: 'All of it', avatar: 'https://example.org/a.png' });
  await on.send('changeInfo', { ...sales, name: 'Sales & Co 销售', ext: '{"floor":3}' });
  await on.send('join', { ...sales, actor: user('eve'), userId: 'eve' });
  await on.send('addMembers', { ...sales, actor: ann, userIds: ['fay', 'gus', 'bob', 'fay'] });
  await admins(store, 'adminGranted', app, 'sales', 'bob', 'cid');
  await on.send('kick', { ...sales, actor: user('bob'), userIds: ['ann', 'cid', 'dan', 'nobody'] });
  await admins(store, 'adminRevoked', app, 'sales', 'cid');
  await on.send('leave', { ...sales, actor: user('eve'), userId: 'eve' });
  await on.send('transfer', { ...sales, actor: ann, newOwner: 'gus' });
  await on.send('createOrJoin', { ...sales, name: 'Not renamed', userIds: ['hal', 'bob'] });
  await on.send('createOrJoin', { ...sales, name: 'Sales', rename: true, userIds: ['ida'] });
  await on.send('leaveMany', { ...sales, userIds: ['gus', 'fay', 'nobody'], ownerPolicy: 'refuse' });
  await on.send('changeInfo', { ...sales, description: '', expectedRevision: '0' });
  await on.send('join', { ...sales, actor: user('dan'), userId: 'dan' });

  // An owner's leaving: by the policy of the tenant (shop) or of the command.
  const heirs = { app, groupId: 'heirs' };
  await on.send('create', { ...heirs, name: 'Heirs', owner: 'ann', members: ['bob', 'cid', 'dan'] });
  await admins(store, 'adminGranted', app, 'heirs', 'cid', 'dan');
  await on.send('leave', { ...heirs, actor: ann, userId: 'ann' });
  await on.send('leave', { ...heirs, userId: 'ann', ownerPolicy: 'oldestAdmin' });
  await on.send('leaveMany', { ...heirs, userIds: ['cid', 'nobody'], ownerPolicy: 'oldestMember' });
  const left = { app, groupId: 'left' };
  await on.send('create', { ...left, name: 'Left by its owner', owner: 'ann', members: ['bob'] });
  await on.send('leave', { ...left, userId: 'ann', ownerPolicy: 'dismiss' });
  const closed = { app, groupId: 'closed' };
  await on.send('create', { ...closed, name: 'Closed', owner: 'bob', members: ['ann', 'eve'] });
  await on.send('dismiss', { ...closed, actor: { type: 'service', onBehalfOf: 'zoe' } });

  // Ids: generated, decimal below and among the aliases, not quite decimal, and with all that an id may have.
  await on.send('create', { app, name: 'No id given', owner: 'ann', members: ['bob'] });
  await on.send('create', { app, name: 'No id given, short command id', owner: 'bob' }, 'c-1');
  for (const groupId of ['4711', '007', '4503599627370495', '4503599627370496', 'Räume/№ 7 *.>=', '群组']) {
    await on.send('create', { app, groupId, name: `Of id ${groupId}`, owner: 'ann', members: ['用户·一', 'Zoë / 1'] });
  }
}

/** What is refused, the same at each repeat. */
async function refusals(on: Recorder): Promise<void> {
  const full = { app: 'demo', groupId: 'full' } as const;
  await on.send('create', { ...full, name: 'Full', owner: 'ann', members: ['bob', 'cid'], capacity: 3 });
  await on.send('addMembers', { ...full, userIds: ['bob', 'dan'] });
  await on.send('create', { ...full, name: 'Again', owner: 'eve' });
  await on.send('transfer', { ...full, newOwner: 'nobody' });
  await on.send('transfer', { ...full, actor: user('bob'), newOwner: 'bob' });
  await on.send('kick', { ...full, actor: user('bob'), userIds: ['cid'] });
  await on.send('leave', { ...full, userId: 'ann' });
  await on.send('join', { app: 'demo', groupId: 'closed', userId: 'fay' });
  await on.send('create', { app: 'demo', groupId: 'closed', name: 'Again', owner: 'eve' });
  await on.send('join', { app: 'demo', groupId: 'never made', userId: 'fay' });
}

const synced = (...ids: string[]) => ids.map((groupId) => ({ groupId, name: `Of ${groupId}` }));

/** Syncs of users, each carried out before the next; the streams of users with several are truncated. */
async function syncs(on: Recorder, app: App): Promise<void> {
  const sync = async (userId: string, groups: ReturnType<typeof synced>) => {
    const answer = await on.send('syncUser', { app, userId, groups, capacity: 100 });
    await on.service.query('userSync', { app, userId, sync: Number(answer.sync), waitMs: 10_000 });
  };
  await sync('sam', synced('s1', 's2'));
  await sync('syd', synced('s1', 's2', 's3'));
  await sync('syd', [...synced('s2', 's4', 'closed', 'sales'), { groupId: 's1', name: 'Renamed by a sync' }]);
  await sync('syd', []);
  await sync('syd', synced('s4', 's5'));
}

async function rongCloud(on: Recorder): Promise<void> {
  await on.call('/group/create.json', { groupId: 'r1', groupName: 'One', userId: ['ann', 'bob', 'cid'] });
  await on.call('/group/join.json', { groupId: 'r1', groupName: 'One', userId: ['dan', 'eve'] });
  await on.call('/group/join.json', { groupId: 'r2', groupName: 'Two', userId: 'dan' });
  await on.call('/group/refresh.json', { groupId: 'r1', groupName: 'First' });
  await on.call('/group/quit.json', { groupId: 'r1', userId: ['ann', 'dan'] });
  await on.call('/group/sync.json', { userId: 'rob', 'group[r1]': 'First', 'group[r3]': 'Three', 'group[r4]': 'Four' });
  await on.call('/group/sync.json', { userId: 'rob', 'group[r3]': 'Third' });
  await on.call('/group/dismiss.json', { groupId: 'r2', userId: 'a stranger' });
}

/** What happens before lists are opened. */
export async function firstHalf(on: Recorder, store: EventStore): Promise<void> {
  for (const app of ['demo', 'shop'] as const) {
    await lives(on, store, app);
    await syncs(on, app);
  }
  await refusals(on);
  await rongCloud(on);
  const members = range(1_200).map((i) => `m${i}`);
  await on.send('create', { app: 'demo', groupId: 'large', name: 'Large', owner: 'ann', members });
  for (const i of range(12)) {
    await on.send('create', { app: 'demo', groupId: `team-${i}`, name: `Team ${i}`, owner: 'ann', members: ['bob'] });
  }
  await busyGroup(on, store);
}

/** What happens while lists are being read. */
export async function secondHalf(on: Recorder, store: EventStore): Promise<void> {
  const demo = { app: 'demo' } as const;
  await on.send('kick', { ...demo, groupId: 'large', userIds: range(40, 100).map((i) => `m${i}`) });
  await on.send('leaveMany', { ...demo, groupId: 'large', userIds: ['m5', 'm700'] });
  await on.send('addMembers', { ...demo, groupId: 'large', userIds: ['m5', 'n1', 'n2'] });
  await on.send('transfer', { ...demo, groupId: 'large', newOwner: 'm7' });
  await admins(store, 'adminGranted', 'demo', 'large', 'm1', 'm2');
  for (const i of range(4)) await on.send('changeInfo', { ...demo, groupId: `team-${i}`, name: `New name ${i}` });
  await on.send('leave', { ...demo, groupId: 'team-5', actor: user('bob'), userId: 'bob' });
  await on.send('dismiss', { ...demo, groupId: 'team-6' });
  for (const i of range(3, 12)) {
    await on.send('create', { ...demo, groupId: `team-${i}`, name: `Team ${i}`, owner: 'bob', members: ['ann'] });
  }
  await admins(store, 'adminRevoked', 'demo', 'busy', 'cid');
  await on.send('transfer', { ...BUSY, newOwner: 'dan' }, 'busy-transfer');
  await inPortions(30, (i) =>
    on.send('leave', { ...BUSY, actor: user(`j${400 + i}`), userId: `j${400 + i}` }, `busy-leave-late-${i}`),
  );
  await on.send('addMembers', { ...BUSY, userIds: ['late-1', 'late-2'] }, 'busy-add');
}
