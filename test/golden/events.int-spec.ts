import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commandHash,
  GROUP_EVENTS,
  groupStream,
  isKnown,
  upcast,
  USER_BAN_EVENTS,
  USER_EVENTS,
  USER_NUMBER_EVENTS,
  userBanStream,
  userNumberStream,
  userStream,
  type Actor,
  type AppSettings,
  type GroupCommand,
  type GroupEvent,
  type SealedText,
  TENANT_DEFAULTS,
} from '@cohort/contracts';
import { connectEventStore, type EventStore, type StoredEvent } from '@cohort/event-store';
import { evolve, initialState } from '@cohort/group';
import { GroupMailboxes } from '../../apps/command/src/group';
import { UserNumbers } from '../../apps/command/src/numbers/user-numbers';
import { UserBans } from '../../apps/command/src/user-ban/user-bans';
import { UserMailboxes } from '../../apps/command/src/user/user-mailboxes';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';

requires('own event store');

/** Positions depend on the server, so each is replaced by the one in the golden files. */
const positionsOf = (position: number, event: Golden | undefined): unknown =>
  JSON.parse(JSON.stringify(event), (key, value: unknown) => (key === 'position' ? String(position) : value));

/** The golden files: one stored event for each type and each version, `<type>.v<version>.json`. */
type Golden = Pick<StoredEvent, 'id' | 'type' | 'data' | 'metadata'>;

const DIRECTORY = join(__dirname, 'events');
const files = readdirSync(DIRECTORY);
const golden = (type: string, version: number): Golden =>
  JSON.parse(readFileSync(join(DIRECTORY, `${type}.v${version}.json`), 'utf8')) as Golden;
const stored = (event: Golden): StoredEvent => ({
  ...event,
  stream: 'group-demo/4711',
  revision: 0,
  position: '1',
  created: new Date(0),
});

const VERSIONS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries({ ...GROUP_EVENTS, ...USER_EVENTS, ...USER_BAN_EVENTS, ...USER_NUMBER_EVENTS }).map(
    ([type, { version }]) => [type, version],
  ),
);
const all = Object.entries(VERSIONS).flatMap(([type, newest]) =>
  Array.from({ length: newest }, (_, i) => ({ type, version: i + 1 })),
);

test('every event type has a golden file for each version, and no other golden files exist', () => {
  expect(files.sort()).toEqual(all.map(({ type, version }) => `${type}.v${version}.json`).sort());
});

describe('stored events', () => {
  test.each(all)('of type $type in version $version are read and upcast', ({ type, version }) => {
    const event = stored(golden(type, version));
    expect(event).toMatchObject({ type, metadata: { schemaVersion: version } });
    expect(isKnown(event)).toBe(true);
    expect(upcast(event).metadata.schemaVersion).toBe(VERSIONS[type]);
  });

  test('of one group evolve to the golden state', () => {
    const state = Object.keys(GROUP_EVENTS)
      .filter((type) => type !== 'dismissed' && type !== 'disabled' && !/import/i.test(type))
      .map((type) => upcast(stored(golden(type, 1))) as unknown as GroupEvent)
      .reduce(evolve, initialState);
    if (state.status !== 'live') throw new Error(state.status);
    expect(state.info).toEqual({
      name: 'Sales & Co',
      description: 'All of it',
      avatar: 'https://example.org/a.png',
      ext: '{"floor":3}',
      numericId: '4711',
    });
    const { capacity, members, nextSeq } = state.membership;
    expect([capacity, members.toObject(), nextSeq]).toEqual([50, { ann: 0, cid: 3 }, 4]);
    expect([state.roles.owner, state.roles.admins.toArray()]).toEqual(['cid', []]);
    const dismissed = upcast(stored(golden('dismissed', 1))) as unknown as GroupEvent;
    expect(evolve(state, dismissed)).toEqual({ status: 'dismissed' });
  });
});

/** The groups of the commands, by the first letter of their ids; all others are on 4711. */
const GROUP_OF: Readonly<Record<string, string>> = { j: '4712', i: '4713', k: '4714', l: '4715' };

describe('new events equal the newest golden files (UPDATE_GOLDEN=1 writes those that are missing)', () => {
  const NOW = Date.parse('2026-01-02T03:04:05.678Z');
  const service = { type: 'service' } as const;
  const app: AppSettings = { ...TENANT_DEFAULTS, id: 'demo' };
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  let server: TestEventStore;
  let store: EventStore;
  let written: ReadonlyMap<string, Golden>;

  const eventsOf = async (stream: string): Promise<Golden[]> => {
    const events: Golden[] = [];
    for await (const { id, type, data, metadata } of store.read(stream)) events.push({ id, type, data, metadata });
    return events;
  };

  beforeAll(async () => {
    server = await startEventStore();
    store = await connectEventStore({ url: server.url });
    let now = NOW;
    const mailboxes = new GroupMailboxes({ store, now: () => now });
    const circumstances = (commandId: string, name: string, payload: object) => ({
      app,
      commandId,
      commandHash: commandHash(name, payload),
      deadline: now + 1,
    });
    const send = (commandId: string, type: GroupCommand['type'], fields: object, actor: Actor = service) => {
      const data = { app: 'demo', actor, groupId: GROUP_OF[commandId[0]!] ?? '4711', ...fields };
      const command = { type, data } as GroupCommand;
      return mailboxes.execute({ ...circumstances(commandId, type, data), ...command, traceparent });
    };
    await send('c-1', 'create', { name: 'Sales', owner: 'ann', capacity: 100 }, { type: 'user', id: 'ann' });
    await send('c-2', 'changeInfo', {
      name: 'Sales & Co',
      description: 'All of it',
      avatar: 'https://example.org/a.png',
      ext: '{"floor":3}',
    });
    await send('c-3', 'createOrJoin', { userIds: ['bob', 'cid'], sync: 3 });
    await send('c-4', 'leaveMany', { userIds: ['bob'], sync: 3 });
    await send('c-5', 'kick', { userIds: ['ann', 'cid'] });
    await send('c-6', 'join', { userId: 'cid' });
    await send('c-7', 'transfer', { newOwner: 'cid' });
    await send('c-adminGranted', 'grantAdmins', { userIds: ['ann'] }, { type: 'user', id: 'cid' });
    await send('c-adminRevoked', 'revokeAdmins', { userIds: ['ann'] }, { type: 'user', id: 'cid' });
    await send('a-1', 'postAnnouncement', { title: 'News', content: 'Line 1\nLine 2' });
    await send('a-2', 'deleteAnnouncement', { announcementId: '1' });
    const file = { name: 'plan.pdf', size: 1_024, type: 'application/pdf', url: 'https://example.org/plan.pdf' };
    await send('f-1', 'shareFile', file, { type: 'user', id: 'cid' });
    await send('f-2', 'renameFile', { fileId: '1', name: 'Plan' });
    await send('f-3', 'removeFiles', { fileIds: ['1', '2'] });
    // The command app seals texts before it decides.
    const { sealed } = JSON.parse(readFileSync(join(__dirname, 'personal-text.json'), 'utf8')) as {
      sealed: SealedText;
    };
    await send('p-1', 'setDisplayName', { userId: 'cid', displayName: sealed });
    await send('p-2', 'setMuteMode', { userId: 'cid', mode: 2 });
    await send('p-3', 'setPushMode', { userId: 'cid', mode: 4 });
    await send('p-4', 'setMemberExtra', { userId: 'cid', set: [{ key: 'nick', text: sealed }] });
    await send('p-5', 'setMemberExtra', { userId: 'cid', set: [{ key: 'desk', text: sealed }], remove: ['nick'] });
    await send('c-8', 'dismiss', {}, { type: 'service', onBehalfOf: 'zoe' });

    const ann = { type: 'user', id: 'ann' } as const;
    await send('j-1', 'create', { name: 'Joining', owner: 'ann', settings: { visibility: 'public' } });
    await send('j-2', 'addMembers', { userIds: ['bob', 'cid'] }, ann);
    await send('j-ban-1', 'ban', { userIds: ['bob', 'ann', 'cid'], durationMs: 600_000 }, ann);
    await send('j-ban-2', 'unban', { userIds: ['cid', 'bob'] });
    await send('j-ban-3', 'banAll', { durationMs: 600_000 }, ann);
    await send('j-ban-4', 'unbanAll', {});
    await send('j-ban-5', 'allowToSpeak', { userIds: ['bob', 'dot'] }, ann);
    await send('j-ban-6', 'disallowToSpeak', { userIds: ['bob'] }, ann);
    await send('j-block-1', 'block', { userIds: ['dot', 'ann'] }, ann);
    await send('j-block-2', 'unblock', { userIds: ['dot'] }, ann);
    const reason = { enc: 'A256GCM', keyId: 'demo/dan#1', ct: 'EjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8' };
    await send('j-3', 'apply', { userId: 'eve' });
    await send('j-4', 'handleApplication', { userId: 'eve', approve: true }, ann);
    await send('j-5', 'apply', { userId: 'fay' });
    await send('j-6', 'handleApplication', { userId: 'fay', approve: false }, ann);
    await send('j-7', 'apply', { userId: 'gil' });
    await send('j-8', 'withdrawApplication', { userId: 'gil' });
    await send('j-9', 'apply', { userId: 'dan', reason }, { type: 'user', id: 'dan' });
    await send('j-10', 'invite', { userIds: ['hal', 'ida'] }, ann);
    await send('j-11', 'handleInvitation', { userId: 'hal', approve: true });
    await send('j-12', 'handleInvitation', { userId: 'ida', approve: false });
    await send('j-13', 'invite', { userIds: ['jan'] });
    await send('j-14', 'withdrawInvitations', { userIds: ['jan'] }, ann);
    await send('j-15', 'invite', { userIds: ['kim', 'leo'], reason: { ...reason, keyId: 'demo/ann#1' } }, ann);
    await send('j-16', 'changeJoinKey', {}, ann);
    await send('j-17', 'setAttributes', { set: [{ key: 'type', text: '2' }], remove: ['none'] }, ann);
    now = NOW - 8 * 86_400_000;
    await send('l-1', 'create', { name: 'Late', owner: 'ann', settings: { visibility: 'public' } });
    await send('l-2', 'apply', { userId: 'dan' });
    await send('l-3', 'invite', { userIds: ['kim', 'leo'] });
    now = NOW;
    await send('l-4', 'expireApplications', { userIds: ['dan'] });
    await send('l-5', 'expireInvitations', { userIds: ['kim', 'leo'] });

    const importId = 'from-elsewhere';
    const joinedAt = '2021-03-01T09:05:00.000Z';
    await send('i-1', 'importGroup', { importId, name: 'Old', owner: 'ann', createdAt: '2021-03-01T09:00:00.000Z' });
    const members = [{ userId: 'bob', role: 'admin', joinedAt }, { userId: 'cid' }];
    await send('i-2', 'importMembers', { importId, chunk: 0, members });
    await send('i-3', 'completeImport', { importId, chunks: 1 });

    const settings = { visibility: 'public', joinPolicy: 'open', membersMayInvite: true } as const;
    const texts = { description: 'All of it', avatar: 'https://example.org/a.png', ext: '{"floor":3}' };
    await send('k-1', 'create', { name: 'Settings', owner: 'ann', ...texts, settings });
    await send('k-2', 'changeSettings', { joinPolicy: 'forbidden', readAck: true }, ann);
    await send('k-3', 'changeCapacity', { capacity: 50 }, ann);
    await send('k-5', 'disable', {});
    await send('k-6', 'enable', {});

    const client = { query: () => Promise.reject(new Error('not asked')) };
    const syncs = new UserMailboxes({ store, client, now: () => NOW });
    for (const [commandId, groupId] of [
      ['s-1', 'g1'],
      ['s-2', 'g2'],
    ] as const) {
      const groups = [{ groupId, name: `of ${groupId}` }];
      const data = { app: 'demo', actor: service, userId: 'ann', groups, capacity: 3_000 };
      await syncs.execute({ ...circumstances(commandId, 'syncUser', data), type: 'syncUser', data });
    }
    const bans = new UserBans({ store, now: () => NOW });
    const ofUser = { app: 'demo', actor: service, userId: 'ann' };
    const banned = { ...ofUser, durationMs: 60_000 };
    const ban = circumstances('b-1', 'banUserEverywhere', banned);
    await bans.execute({ ...ban, type: 'banUserEverywhere', data: banned });
    const unban = circumstances('b-2', 'unbanUserEverywhere', ofUser);
    await bans.execute({ ...unban, type: 'unbanUserEverywhere', data: ofUser });
    const numbers = new UserNumbers({
      store,
      now: () => NOW,
      aliases: { take: () => Promise.resolve('4503599627370496') },
    });
    const data = { app: 'demo', actor: service, userIds: ['ann'] };
    await numbers.execute({ ...circumstances('n-1', 'assignNumbers', data), type: 'assignNumbers', data });
    const erasure = { app: 'demo', actor: service, userId: 'ann', ownerPolicy: 'dismiss' } as const;
    await syncs.execute({ ...circumstances('s-3', 'eraseUser', erasure), type: 'eraseUser', data: erasure });
    const events = [
      ...(await eventsOf(groupStream('demo', '4711'))).filter(({ metadata }) => metadata.commandId !== 'c-6'),
      ...(await eventsOf(groupStream('demo', '4712'))).filter(
        ({ type, metadata }) => type !== 'created' && (type !== 'memberJoined' || metadata.commandId === 'j-2'),
      ),
      ...(await eventsOf(groupStream('demo', '4713'))).filter(({ type }) => type !== 'created'),
      ...(await eventsOf(groupStream('demo', '4714'))),
      ...(await eventsOf(groupStream('demo', '4715'))).filter(({ type }) => type.endsWith('Expired')),
      ...(await eventsOf(userStream('demo', 'ann'))),
      ...(await eventsOf(userBanStream('demo', 'ann'))),
      ...(await eventsOf(userNumberStream('demo', 'ann'))),
    ];
    written = new Map(events.map((event) => [event.type, event]));
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  // A worker completes a sync, not a command.
  const WITHOUT_COMMAND = ['syncCompleted', 'banEverywhereCompleted'];
  test.each(Object.keys(VERSIONS).filter((type) => !WITHOUT_COMMAND.includes(type)))('of type %s', (type) => {
    const event = positionsOf(4_242, written.get(type));
    const file = join(DIRECTORY, `${type}.v${VERSIONS[type]}.json`);
    if (process.env.UPDATE_GOLDEN && !existsSync(file)) writeFileSync(file, `${JSON.stringify(event, undefined, 2)}\n`);
    // The id of a number's event is random.
    const { id, ...newest } = golden(type, VERSIONS[type]!);
    expect(event).toEqual({ ...newest, id: type === 'numberAssigned' ? (expect.any(String) as string) : id });
  });
});
