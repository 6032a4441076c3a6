import { Readable } from 'node:stream';
import type { CohortClient } from '@cohort/client';
import { KEY_MADE, KEYS_ERASED, userKeyStream, userStream, type QueryAnswers } from '@cohort/contracts';
import { erasureRequested, syncCompleted, syncRequested } from '@cohort/contracts/testing';
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

describe('an erasure', () => {
  const user = { app: 'demo', id: 'u' };
  const keys = userKeyStream(user.app, user.id);
  const stored = (stream: string, revision: number, position: string, event: { type: string; data: object }) =>
    ({
      ...{ stream, revision, position, ...event },
      id: `6e7f2a52-3f5e-5c61-8a55-5d1f0a9f3c${revision}0`,
      metadata: {
        $correlationId: 'c',
        at: '2026-01-01T00:00:00.000Z',
        schemaVersion: event.type === 'syncRequested' ? 2 : 1,
      },
      created: new Date(0),
    }) as StoredEvent;
  const key = { type: KEY_MADE, data: { key: Buffer.alloc(32).toString('base64url') } };
  const request = stored(userStream(user.app, user.id), 3, '100', erasureRequested({ ownerPolicy: 'dismiss' }));

  /** Carries an erasure out on these streams; resolves with what was sent and appended. */
  async function carriedOut(
    streams: Record<string, readonly StoredEvent[]>,
    looks: readonly string[][],
    work: object,
    requests: string[][] = [],
  ) {
    const did: unknown[] = [];
    const answers = looks.map((ids) => ({ position: '110', groups: ids.map((groupId) => ({ groupId, name: 'n' })) }));
    const client = {
      query: (name: string) => {
        if (name === 'userGroups') return Promise.resolve(answers.shift());
        did.push(name);
        return Promise.resolve({ groups: (requests.shift() ?? []).map((groupId) => ({ groupId })) });
      },
      command: (name: string, { groupId, userId, ownerPolicy, sync }: Record<string, unknown>) => {
        did.push([name, { groupId, userId, ownerPolicy, sync }]);
        return Promise.resolve({ groupId, revision: '1', position: '120' });
      },
    } as unknown as Pick<CohortClient, 'command' | 'query'>;
    const read = (stream: string, { backwards = false, from = 0, limit = 99 } = {}) => {
      const events = (streams[stream] ?? []).filter(({ revision }) => revision >= from);
      return Readable.from((backwards ? [...events].reverse() : events).slice(0, limit));
    };
    const append = (stream: string, [event]: readonly NewEvent[]) => {
      did.push(event!.type);
      streams[stream] = [...(streams[stream] ?? []), stored(stream, 9, '140', event as never)];
      return Promise.resolve({ revision: 9, position: '140' });
    };
    const store = { read, append, setTruncateBefore: (stream: string) => Promise.resolve(void did.push(stream)) };
    const { signal } = new AbortController();
    const carryOut = userSync({ store, client, signal, onCompleted: () => undefined });
    await carryOut(user, { position: '100', since: '100', ...work }, () => undefined);
    return did;
  }

  test('leaves all groups by its policy, then erases the keys, and then is completed', async () => {
    const streams = { [request.stream]: [request], [keys]: [stored(keys, 0, '50', key)] };
    const erased = (groupId: string) => ['eraseMember', { groupId, userId: 'u', ownerPolicy: 'dismiss', sync: 3 }];
    expect(await carriedOut(streams, [['a', 'b'], []], { requested: 3 })).toEqual([
      ...['openRequests', erased('a'), erased('b'), 'openRequests'],
      ...[KEYS_ERASED, keys, 'syncCompleted'],
    ]);
  });

  test('is not completed before a look finds no pending application or invitation', async () => {
    const streams = { [request.stream]: [request], [keys]: [stored(keys, 2, '105', key)] };
    const withdrawn = (groupId: string) => [
      'eraseRequests',
      { groupId, userId: 'u', ownerPolicy: undefined, sync: undefined },
    ];
    expect(await carriedOut(streams, [[], [], []], { requested: 3 }, [['a', 'b'], ['b']])).toEqual([
      ...['openRequests', withdrawn('a'), withdrawn('b')],
      ...['openRequests', withdrawn('b'), 'openRequests', 'syncCompleted'],
    ]);
  });

  test('keeps a key that the user got after it', async () => {
    const streams = { [request.stream]: [request], [keys]: [stored(keys, 2, '105', key)] };
    expect(await carriedOut(streams, [[]], { requested: 3 })).toEqual(['openRequests', 'syncCompleted']);
  });

  test('that a late effect reopens leaves that group, and erases no key again', async () => {
    const done = stored(request.stream, 4, '130', syncCompleted(3, '110'));
    const streams = { [request.stream]: [request, done], [keys]: [stored(keys, 0, '50', key)] };
    const effects = [{ sync: 1, position: '135', eventId: request.id }];
    const did = await carriedOut(streams, [['a'], []], { effects });
    expect(did.map((one) => (Array.isArray(one) ? (one[0] as string) : one))).toEqual(['eraseMember', 'syncCompleted']);
  });
});
