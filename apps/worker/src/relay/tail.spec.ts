import { created, joined } from '@cohort/contracts/testing';
import type { StoredMessage, StreamState } from '@cohort/bus';
import { WrongExpectedRevision, type EventStore, type FollowOptions, type StoredEvent } from '@cohort/event-store';
import { feedMessage } from './cloud-event';
import type { FeedMark } from './mark';
import { findTail, StrangeMessage, type TailParts } from './tail';

const STORE = '11111111-2222-4333-8444-555555555555';
const CREATED = '2026-01-01T00:00:00.000Z';
const OTHERS = 'group.v1.event.demo.g.memberJoined';

/** The n-th event of the log, from 0. */
function logged(n: number): StoredEvent {
  const event = n === 0 ? created('ann') : joined('add', n + 1, `u${n}`);
  return {
    ...event,
    stream: 'group-demo/g',
    revision: n,
    position: String(100 + n * 10),
    id: `00000000-0000-4000-8000-00000000000${n}`,
    metadata: { at: CREATED, app: 'demo', schemaVersion: 1, actor: { type: 'service' }, commandId: `c${n}` },
    created: new Date(0),
  };
}
const LOG = Array.from({ length: 8 }, (_, n) => logged(n));

type Headers = Record<string, string | string[]>;
interface Forgery {
  readonly headers?: Headers;
  readonly subject?: string;
  readonly body?: string;
}
/** The message of the n-th event, as the relay publishes it but for these changes. */
function message(n: number, { headers = {}, subject, body }: Forgery = {}): Omit<StoredMessage, 'sequence'> {
  const real = feedMessage(LOG[n]!, STORE)!;
  const all = new Map(Object.entries({ ...real.headers, ...headers }).map(([name, value]) => [name, [value].flat()]));
  return {
    subject: subject ?? real.subject,
    headers: all,
    header: (name) => all.get(name)?.[0],
    body: Buffer.from(body ?? real.body),
  };
}
const foreign: Omit<StoredMessage, 'sequence'> = {
  subject: OTHERS,
  headers: new Map(),
  header: () => undefined,
  body: Buffer.from('{}'),
};

const mark = (n: number, sequence: number): FeedMark => {
  const { position, id } = LOG[n]!;
  return { position, eventId: id, sequence, streamCreated: CREATED };
};
const START: FeedMark = { position: '0', eventId: '', sequence: 0, streamCreated: CREATED };
const last = (n: number, sequence: number) => ({ position: LOG[n]!.position, id: LOG[n]!.id, sequence });

/** Looks for the tail of a stream with these messages, from its first sequence on. */
function tailOf(
  messages: readonly (Omit<StoredMessage, 'sequence'> | undefined)[],
  from?: FeedMark,
  { firstSequence = 1, log = LOG }: { firstSequence?: number; log?: readonly StoredEvent[] } = {},
) {
  const store: Pick<EventStore, 'read' | 'follow' | 'storeId'> = {
    storeId: STORE,
    async *read(stream, { from: revision = 0 } = {}) {
      await Promise.resolve();
      yield* log.filter((event) => event.stream === stream && event.revision >= revision).slice(0, 1);
    },
    async follow(options: FollowOptions) {
      const { from: place } = options;
      const { position } = typeof place === 'string' ? { position: place } : place;
      for (const event of log)
        if (Number(event.position) > Number(position)) await options.onBatch([event], event.position);
      await options.onCaughtUp?.();
    },
  };
  const parts: TailParts = {
    store,
    jetStream: {
      messageAt: (_stream, sequence) => {
        const found = messages[sequence - firstSequence];
        return Promise.resolve(found && { ...found, sequence });
      },
    },
    subscription: { onDropped: () => undefined, onLevelAgain: () => undefined },
    signal: new AbortController().signal,
  };
  const state = { created: CREATED, firstSequence, lastSequence: firstSequence + messages.length - 1 } as StreamState;
  return findTail(parts, state, from);
}

describe('the last published event', () => {
  test('is the one that log and stream have in common, read from the mark on', async () => {
    expect(await tailOf([message(0), message(1), message(2)], mark(0, 1))).toEqual({ last: last(2, 3), examined: 3 });
    expect(await tailOf([message(0), message(1)], START)).toEqual({ last: last(1, 2), examined: 2 });
  });

  test('is the mark itself, if nothing follows it', async () => {
    expect(await tailOf([message(0), message(1)], mark(1, 2))).toEqual({ last: last(1, 2), examined: 2 });
  });

  test('is found from the stream alone, if there is no mark or the stream contradicts it', async () => {
    for (const from of [
      undefined,
      { ...mark(7, 3), streamCreated: '2025-01-01T00:00:00.000Z' },
      mark(1, 3),
      mark(5, 9),
    ]) {
      expect(await tailOf([message(0), message(1), message(2)], from)).toMatchObject({ last: last(2, 3) });
    }
    expect(await tailOf([message(0), message(1), undefined], mark(2, 3))).toMatchObject({ last: last(1, 2) });
  });

  test('is unknown in an empty stream, and in one that begins after the mark', async () => {
    expect(await tailOf([])).toEqual({ last: undefined, examined: 0 });
    expect(await tailOf([], mark(3, 4), { firstSequence: 5 })).toEqual({ last: undefined, examined: 4 });
  });

  test('is not moved by messages in a form that no relay publishes', async () => {
    const forms = [
      foreign,
      message(5, { headers: { 'ce-position': '-1' } }),
      message(5, { headers: { 'ce-position': '1e9' } }),
      message(5, { headers: { 'ce-position': '9'.repeat(400) } }),
      message(5, { headers: { 'ce-position': [LOG[5]!.position, LOG[1]!.position] } }),
      message(5, { headers: { 'ce-revision': '9'.repeat(400) } }),
      message(5, { headers: { 'ce-id': '' } }),
      message(5, { headers: { 'ce-source': '/cohort/apps/de/mo' } }),
      message(5, { headers: { 'ce-subject': '' } }),
      message(5, { subject: 'group.v1.event.demo.other.memberJoined' }),
      message(5, { headers: { 'ce-type': 'group.v1.dismissed' } }),
    ];
    expect(await tailOf([message(0), message(1), ...forms], mark(0, 1))).toEqual({ last: last(1, 2), examined: 13 });
    expect(await tailOf([message(0), message(1), ...forms])).toMatchObject({ last: last(1, 2) });
    expect(await tailOf([message(0), ...forms, message(1)], mark(0, 5))).toMatchObject({ last: last(1, 13) });
  });

  test('is not moved back by copies of earlier messages, nor forward past events that are not published', async () => {
    expect(await tailOf([message(3), message(4), message(1), message(0)], mark(3, 1))).toEqual({
      last: last(4, 2),
      examined: 2,
    });
    expect(await tailOf([message(0), message(6), message(1)], mark(0, 1))).toEqual({ last: last(1, 3), examined: 3 });
    expect(await tailOf([message(0), message(6)], mark(0, 1))).toEqual({ last: last(0, 1), examined: 1 });
  });

  test('may be one whose log was erased since, if the mark knows it', async () => {
    const others = LOG.slice(3);
    expect(await tailOf([message(0), message(1)], mark(1, 2), { log: others })).toMatchObject({ last: last(1, 2) });
    // The group's events before the third are gone; their messages can't be checked.
    expect(await tailOf([message(0), message(1), message(2)], mark(0, 1), { log: others })).toMatchObject({
      last: last(0, 1),
    });
  });

  test('may be an event of another version of its data, as another build published it', async () => {
    const older = message(1, { headers: { 'ce-schemaversion': '7' }, body: '{"of":"another version"}' });
    expect(await tailOf([message(0), older], mark(0, 1))).toMatchObject({ last: last(1, 2) });
    const newer = message(1, { headers: { 'ce-new': 'header' } });
    expect(await tailOf([message(0), newer])).toMatchObject({ last: last(1, 2) });
  });

  test('is found behind an event that is set aside, whether or not an older build published it', async () => {
    const log = LOG.map((event, n) => (n === 1 ? { ...event, data: 'x' } : event));
    expect(await tailOf([message(0), message(2)], mark(0, 1), { log })).toMatchObject({ last: last(2, 2) });
    expect(await tailOf([message(0), message(1, { body: '"x"' }), message(2)], mark(0, 1), { log })).toMatchObject({
      last: last(2, 3),
    });
  });
});

describe('a message is strange, and the reason names a remedy, if it', () => {
  const STRANGE: readonly [what: string, forgery: Forgery, why: string][] = [
    ['has a position after every event', { headers: { 'ce-position': '99999999999999' } }, 'at position 130'],
    ['has a position before every event', { headers: { 'ce-position': '1' } }, 'at position 130'],
    ["has another event's position", { headers: { 'ce-position': '150' } }, 'at position 130'],
    ["has another event's revision", { headers: { 'ce-revision': '4' } }, "doesn't have this event"],
    ['has a revision after the last one', { headers: { 'ce-revision': '4000' } }, "doesn't have this event"],
    ['has an unknown id', { headers: { 'ce-id': 'x'.repeat(500) } }, "doesn't have this event"],
    ['is of another event store', { headers: { 'ce-store': 'x'.repeat(500) } }, 'events of another event store'],
    ['has another actor', { headers: { 'ce-actortype': 'user', 'ce-actorid': 'eve' } }, 'its header ce-actortype'],
    ['has another body', { body: '{"members":[{"userId":"eve"}],"via":"add","memberCount":2}' }, 'its body'],
    ['has no body', { body: '' }, 'its body'],
  ];
  test.each(STRANGE)('%s', async (_what, forgery, why) => {
    for (const from of [mark(2, 3), undefined]) {
      const found = tailOf([message(0), message(1), message(2), message(3, forgery)], from);
      await expect(found).rejects.toThrow(StrangeMessage);
      const text = await found.then(String, ({ message }: Error) => message);
      expect(text).toContain(why);
      expect(text).toContain('nats stream rmm GROUP_EVENTS 4');
      expect(text).toContain('delete the stream GROUP_EVENTS');
      expect(text.length).toBeLessThan(700);
    }
  });

  test('follows the mark in a store that was restored to an older state', async () => {
    const found = tailOf([message(0), message(1), message(2)], mark(0, 1), { log: LOG.slice(0, 2) });
    await expect(found).rejects.toThrow('message 3 of the stream GROUP_EVENTS claims to be event');
  });
});

test('more foreign messages than are looked through are no reason to publish the whole log again', async () => {
  const flood = Array.from({ length: 10_001 }, () => foreign);
  await expect(tailOf([message(0), ...flood])).rejects.toThrow("aren't from a relay, and the checkpoint is missing");
  expect(await tailOf([message(0), ...flood], mark(0, 1))).toEqual({ last: last(0, 1), examined: 10_002 });
});

test('an event store that is away is no reason to call a message strange', async () => {
  const away = new WrongExpectedRevision('s', 1);
  const log: readonly StoredEvent[] = new Proxy([], {
    get: () => {
      throw away;
    },
  });
  await expect(tailOf([message(0)], undefined, { log })).rejects.toBe(away);
});
