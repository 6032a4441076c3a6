import {
  commandHash,
  eventId,
  type AppSettings,
  type CohortError,
  type EventMetadata,
  type GroupCommand,
  TENANT_DEFAULTS,
} from '@cohort/contracts';
import { Json } from '@cohort/event-store';
import { decideBatch } from './decide-batch';
import { GROUP_RULES, type GroupCommandInput } from '../group/group-streams';
import { unwritten, type RecordedGroup } from '../group/recorded-group';
import type { Queued as QueuedCommand } from './stream-kind';

type Queued = QueuedCommand<GroupCommandInput>;

const STREAM = 'group-demo/g';
const NOW = Date.parse('2030-01-01T00:00:00.000Z');
const app: AppSettings = { ...TENANT_DEFAULTS, id: 'demo', groupCapacity: 100 };

let commands = 0;
function queued(type: GroupCommand['type'], fields: object, more: Partial<Queued['command']> = {}): Queued {
  const actor = { type: 'service' } as const;
  const data = { app: 'demo', actor, groupId: 'g', ...fields };
  const commandId = `c${++commands}`;
  const circumstances = { app, commandId, commandHash: commandHash(type, fields), deadline: NOW + 1, ...more };
  return { command: { type, data, ...circumstances } as Queued['command'] };
}
const create = () => queued('create', { name: 'Sales', owner: 'o' });
const join = (userId: string, more: Partial<Queued['command']> = {}) => queued('join', { userId }, more);
const decide = (waiting: Queued[], group = unwritten()) =>
  decideBatch(GROUP_RULES, STREAM, group, waiting, { numericId: 'the number' }, NOW);
const metadataOf = ({ metadata }: { metadata: object }): EventMetadata =>
  JSON.parse(Buffer.from((metadata as Json).bytes).toString()) as EventMetadata;

/** The group that a batch makes of nothing. */
function after(...waiting: Queued[]): RecordedGroup {
  const { state, events, lastAt } = decide(waiting);
  return { ...unwritten(), state, revision: events.length - 1, lastAt };
}

test('each command of a batch is decided on the state that its predecessors leave', () => {
  const { decided, events, state } = decide([create(), join('a'), join('a'), queued('kick', { userIds: ['a'] })]);
  expect(decided.map(({ verdict }) => verdict)).toMatchObject([
    { type: 'accepted', revision: 0 },
    { type: 'accepted', revision: 1 },
    { type: 'accepted', revision: 1 },
    { type: 'accepted', revision: 2 },
  ]);
  expect(events.map(({ type }) => type)).toEqual(['created', 'memberJoined', 'memberKicked']);
  expect(state).toMatchObject({ status: 'live', info: { numericId: 'the number' } });
});

test('deciding a batch does not change the state it begins with', () => {
  const group = after(create());
  const before = JSON.stringify(group.state);
  decide([join('a'), queued('dismiss', {})], group);
  expect(JSON.stringify(group.state)).toBe(before);
});

test('a verdict that depends on the batch differs from one that depends on older events', () => {
  const { decided } = decide([join('o'), join('a'), join('o'), queued('transfer', { newOwner: 'x' })], after(create()));
  expect(decided.map(({ onBatch }) => onBatch)).toEqual([false, true, true, true]);
});

test('event ids are made of stream, command, payload, time and index, and batch counts the events of all commands', () => {
  const [first, second] = [create(), queued('createOrJoin', { userIds: ['a'], name: 'New', rename: true })];
  const { events } = decide([first, second]);
  const { at } = metadataOf(events[0]!);
  expect(events.map(({ id }) => id)).toEqual([
    eventId({ stream: STREAM, at, index: 0, ...first.command }),
    eventId({ stream: STREAM, at, index: 0, ...second.command }),
    eventId({ stream: STREAM, at, index: 1, ...second.command }),
  ]);
  expect(events.map((event) => metadataOf(event).batch)).toEqual([0, 1, 2].map((index) => ({ index, size: 3 })));
});

test('the last event of a command names the users that were refused', () => {
  const group = after(create(), join('a'));
  const { events, written } = decide([queued('leaveMany', { userIds: ['o', 'a'] })], group);
  expect(metadataOf(events.at(-1)!).refused).toEqual([{ userId: 'o', code: 'OWNER_CANNOT_LEAVE' }]);
  expect(written[0]!.refused).toEqual([{ userId: 'o', code: 'OWNER_CANNOT_LEAVE' }]);
});

test('the last event of a command has the id of what it made, and of files that were refused', () => {
  const post = () => queued('postAnnouncement', { title: '', content: 'a' });
  const share = queued('shareFile', { name: 'a', size: 1, url: 'b' });
  const remove = queued('removeFiles', { fileIds: ['1', '2'] });
  const { events, written } = decide([create(), post(), post(), share, remove]);
  const refused = [{ fileId: '2', code: 'FILE_NOT_FOUND' }];
  expect(events.map((event) => metadataOf(event).made)).toEqual([undefined, '1', '2', '1', undefined]);
  expect(written.map(({ made }) => made)).toEqual([undefined, '1', '2', '1', undefined]);
  expect([metadataOf(events.at(-1)!).refused, written.at(-1)!.refused]).toEqual([refused, refused]);
});

test('each event of a command has its notice, and events of others have none', () => {
  const notice = { vendor: 'v', payload: 'x' };
  const members = Array.from({ length: 600 }, (_, i) => `m${i}`);
  const { events } = decide([
    queued('create', { name: 'Sales', owner: 'o', capacity: 1_000 }),
    queued('addMembers', { userIds: members, notice }),
    join('z'),
  ]);
  expect(events.map((event) => metadataOf(event).notice)).toEqual([undefined, notice, notice, undefined]);
});

test('the time of a command is kept when it is decided again, and is never before the last event', () => {
  const waiting = [join('a')];
  const group = after(create());
  expect(metadataOf(decide(waiting, group).events[0]!).at).toBe('2030-01-01T00:00:00.000Z');
  const again = decideBatch(GROUP_RULES, STREAM, group, waiting, { numericId: '' }, NOW + 1);
  expect(metadataOf(again.events[0]!).at).toBe('2030-01-01T00:00:00.000Z');
  const later = decide(waiting, { ...group, lastAt: NOW + 5_000 });
  expect(metadataOf(later.events[0]!).at).toBe('2030-01-01T00:00:05.000Z');
});

test('a command is decided at the time that its events carry', () => {
  const seen: number[] = [];
  const rules = {
    ...GROUP_RULES,
    decide: (...question: Parameters<typeof GROUP_RULES.decide>) => {
      seen.push(question[3]);
      return GROUP_RULES.decide(...question);
    },
  };
  const group = { ...after(create()), lastAt: NOW + 5_000 };
  const { events } = decideBatch(rules, STREAM, group, [join('a'), join('a')], { numericId: '' }, NOW);
  expect(seen).toEqual([NOW + 5_000, NOW + 5_000]);
  expect(metadataOf(events[0]!).at).toBe('2030-01-01T00:00:05.000Z');
});

test('a batch takes a bounded number of commands and leaves the others waiting', () => {
  const { decided } = decide([create(), ...Array.from({ length: 300 }, () => join('a'))]);
  expect(decided).toHaveLength(GROUP_RULES.batchCommands);
});

test('a batch ends before the commands that name too many users together', () => {
  const userIds = Array.from({ length: 1_000 }, (_, i) => `u${i}`);
  const kicks = Array.from({ length: 20 }, () => queued('kick', { userIds }));
  const { decided } = decide([join('a'), ...kicks, join('b')], after(create()));
  expect(decided).toHaveLength(1 + GROUP_RULES.batchUsers / 1_000);
  expect(decide([queued('create', { name: 'n', owner: 'o', members: userIds })]).decided).toHaveLength(1);
});

test('a command is refused after its deadline, or at another revision than it expects', () => {
  const { decided, events } = decide(
    [join('a', { deadline: NOW - 1 }), join('b', { expectedRevision: 3 }), join('c', { expectedRevision: 0 })],
    after(create()),
  );
  expect(
    decided.map(({ verdict }) => (verdict.type === 'refused' ? (verdict.error as CohortError).code : verdict.type)),
  ).toEqual(['DEADLINE_EXCEEDED', 'CONCURRENCY_CONFLICT', 'accepted']);
  expect(events).toHaveLength(1);
});

test('a remembered command gets its first answer, whatever the state', () => {
  const group = after(create(), join('a'));
  const repeated = queued('kick', { userIds: ['a', 'a', 'x', 'o'] });
  group.memory.remember(repeated.command.commandId, {
    hash: repeated.command.commandHash,
    revision: 1,
    position: '77',
    at: NOW,
    refused: [{ userId: 'o', code: 'OWNER_CANNOT_BE_KICKED' }],
  });
  const { decided, events } = decide([repeated], group);
  expect(events).toEqual([]);
  expect(decided[0]!.verdict).toMatchObject({ type: 'repeated', first: { revision: 1, position: '77' } });
});

test('a fault in deciding one command refuses that command alone', () => {
  const [bad, good] = [join('a'), join('b')];
  const rules = {
    ...GROUP_RULES,
    decide: (...question: Parameters<typeof GROUP_RULES.decide>) => {
      if (question[0] === bad.command) throw new Error('a fault');
      return GROUP_RULES.decide(...question);
    },
  };
  const { decided } = decideBatch(rules, STREAM, after(create()), [bad, good], { numericId: '' }, NOW);
  expect(decided.map(({ verdict }) => verdict)).toMatchObject([
    { type: 'refused', error: { message: 'a fault' } },
    { type: 'accepted', revision: 1 },
  ]);
});
