import { groupStream, userStream } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { merged, workOf } from './work';

const stored = (stream: string, type: string, data: object): StoredEvent => ({
  stream,
  type,
  data,
  revision: 4,
  position: '700',
  id: 'the-event',
  metadata: {},
  created: new Date(0),
});
const onGroup = (type: string, data: object) => workOf(stored(groupStream('demo', 'g/1'), type, data), '600');
const effect = { position: '700', since: '600', effects: [{ sync: 3, position: '700', eventId: 'the-event' }] };

test('a sync that is asked for', () => {
  expect(workOf(stored(userStream('demo', 'u/1'), 'syncRequested', { groups: [] }), '600')).toEqual([
    { user: { app: 'demo', id: 'u/1' }, work: { position: '700', since: '600', requested: 4 } },
  ]);
  expect(workOf(stored(userStream('demo', 'u1'), 'syncCompleted', { sync: 3, skipped: [] }), '600')).toEqual([]);
});

test.each([
  ['created', { owner: 'u1', sync: 3 }, ['u1']],
  ['memberJoined', { members: [{ userId: 'u1' }, { userId: 'u2' }], sync: 3 }, ['u1', 'u2']],
  ['memberLeft', { members: [{ userId: 'u1' }], sync: 3 }, ['u1']],
  ['infoChanged', { name: 'New', sync: 3, syncOf: 'u1' }, ['u1']],
])('an effect of a sync: %s', (type, data, users) => {
  expect(onGroup(type, data)).toEqual(users.map((id) => ({ user: { app: 'demo', id }, work: effect })));
});

test.each([
  ['memberJoined', { members: [{ userId: 'u1' }] }],
  ['infoChanged', { name: 'New' }],
  ['memberKicked', { members: [{ userId: 'u1' }] }],
  ['dismissed', { reason: 'requested' }],
  ['unheardOf', { sync: 3 }],
])('nothing to do for %s without a sync', (type, data) => {
  expect(onGroup(type, data)).toEqual([]);
});

test('an event of a version that is not known yet says nothing', () => {
  const newer = stored(groupStream('demo', 'g'), 'memberJoined', { users: ['u1'], sync: 3 });
  expect(workOf({ ...newer, metadata: { schemaVersion: 99 } }, '600')).toEqual([]);
});

test('other streams say nothing', () => {
  expect(workOf(stored('checkpoint-userSync', 'checkpointed', { position: '1' }), '600')).toEqual([]);
});

test('two works are one: the latest position, the earliest cause, the newest sync, the latest effect of each', () => {
  const effect = (sync: number, position: string) => ({ sync, position, eventId: `${sync}@${position}` });
  const a = { position: '900', since: '800', requested: 2, effects: [effect(4, '850'), effect(5, '900')] };
  const b = { position: '1000', since: '99', requested: 7, effects: [effect(4, '1000')] };
  const both = { position: '1000', since: '99', requested: 7, effects: [effect(4, '1000'), effect(5, '900')] };
  expect(merged(a, b)).toEqual(both);
  expect(merged(b, a)).toEqual(both);
  expect(merged({ position: '1', since: '0' }, { position: '2', since: '1' })).toEqual({ position: '2', since: '0' });
});
