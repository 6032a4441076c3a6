import { groupStream, readStored, userStream, type GroupEvent } from '@cohort/contracts';
import {
  created,
  dismissed,
  infoChanged,
  joined,
  kicked,
  left,
  ofSync,
  syncCompleted,
  syncRequested,
} from '@cohort/contracts/testing';
import type { StoredEvent } from '@cohort/event-store';
import { merged, workOf } from './work';

const stored = (stream: string, { type, data }: { type: string; data: unknown }): StoredEvent => ({
  stream,
  type,
  data,
  revision: type === 'created' ? 0 : 4,
  position: '700',
  id: 'the-event',
  metadata: { at: '2026-01-01T00:00:00.000Z' },
  created: new Date(0),
});
const read = (event: StoredEvent) => {
  const reading = readStored(event);
  return reading.kind === 'usable' ? workOf(reading, '600') : [];
};
const workOnGroup = (event: { type: string; data: unknown }) => read(stored(groupStream('demo', 'g/1'), event));
const effect = { position: '700', since: '600', effects: [{ sync: 3, position: '700', eventId: 'the-event' }] };

test('a request of a sync is work for its user, and a completion is none', () => {
  expect(read(stored(userStream('demo', 'u/1'), syncRequested([])))).toEqual([
    { user: { app: 'demo', id: 'u/1' }, work: { position: '700', since: '600', requested: 4 } },
  ]);
  expect(read(stored(userStream('demo', 'u1'), syncCompleted(3, '500')))).toEqual([]);
});

test.each<[GroupEvent, string[]]>([
  [created('u1', { sync: 3 }), ['u1']],
  [ofSync(3, joined('sync', 3, 'u1', 'u2')), ['u1', 'u2']],
  [ofSync(3, left(1, 'u1')), ['u1']],
  [infoChanged({ name: 'New', sync: 3, syncOf: 'u1' }), ['u1']],
])('an event that a sync wrote is work for the users whose sync it was: %j', (event, users) => {
  expect(workOnGroup(event)).toEqual(users.map((id) => ({ user: { app: 'demo', id }, work: effect })));
});

test.each([joined('add', 2, 'u1'), infoChanged({ name: 'New' }), kicked(1, 'u1'), dismissed()])(
  'an event that no sync wrote is no work: %j',
  (event) => {
    expect(workOnGroup(event)).toEqual([]);
  },
);

test('merged work has the latest position, the earliest cause, the newest request and the latest effect of each sync', () => {
  const effect = (sync: number, position: string) => ({ sync, position, eventId: `${sync}@${position}` });
  const a = { position: '900', since: '800', requested: 2, effects: [effect(4, '850'), effect(5, '900')] };
  const b = { position: '1000', since: '99', requested: 7, effects: [effect(4, '1000')] };
  const both = { position: '1000', since: '99', requested: 7, effects: [effect(4, '1000'), effect(5, '900')] };
  expect(merged(a, b)).toEqual(both);
  expect(merged(b, a)).toEqual(both);
  expect(merged({ position: '1', since: '0' }, { position: '2', since: '1' })).toEqual({ position: '2', since: '0' });
});
