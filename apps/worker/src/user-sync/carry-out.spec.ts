import { Readable } from 'node:stream';
import type { CohortClient } from '@cohort/client';
import { userStream, type QueryAnswers } from '@cohort/contracts';
import { syncCompleted, syncRequested } from '@cohort/contracts/testing';
import type { EventStore, NewEvent, StoredEvent } from '@cohort/event-store';
import { userSync } from './carry-out';

/**
 * Here an event falls between two looks of one run, which a test can't time from outside. test/worker tests the whole
 * process on a real event store and broker.
 */
test('a completion names the position of the first look, up to which names were compared; commands have the notice of the sync', async () => {
  const user = { app: 'demo', id: 'u' };
  const notice = { vendor: 'v', payload: 'x' };
  const request: StoredEvent = {
    stream: userStream(user.app, user.id),
    revision: 3,
    position: '100',
    id: '6e7f2a52-3f5e-5c61-8a55-5d1f0a9f3c11',
    ...syncRequested([{ groupId: 'g', name: 'Newest' }]),
    metadata: { $correlationId: 'c', at: '2026-01-01T00:00:00.000Z', schemaVersion: 1, notice },
    created: new Date(0),
  };
  const group = { groupId: 'g', role: 'member' as const };
  // Between the two looks an older sync renames the group. The second look doesn't compare names.
  const looks = [
    { position: '110', groups: [] },
    { position: '130', groups: [{ ...group, name: 'Older' }] },
  ] as unknown as QueryAnswers['userGroups'][];
  const sent: string[] = [];
  const client = {
    query: () => Promise.resolve(looks.shift()),
    command: (name: string, data: { notice?: unknown }) => {
      sent.push(name);
      expect(data.notice).toEqual(notice);
      return Promise.resolve({ groupId: 'g', revision: '1', position: '120' });
    },
  } as unknown as Pick<CohortClient, 'command' | 'query'>;
  const appended: NewEvent[] = [];
  const store: Pick<EventStore, 'append' | 'read' | 'setTruncateBefore'> = {
    read: () => Readable.from([request]),
    append: (_stream, events) => {
      appended.push(...events);
      return Promise.resolve({ revision: 4, position: '140' });
    },
    setTruncateBefore: () => Promise.resolve(),
  };

  const carryOut = userSync({ store, client, signal: new AbortController().signal, onCompleted: () => undefined });
  await carryOut(user, { position: '100', since: '100', requested: 3 }, () => undefined);

  expect(sent).toEqual(['createOrJoin']);
  expect(appended.map(({ type, data }) => ({ type, data }))).toEqual([syncCompleted(3, '110')]);
});
