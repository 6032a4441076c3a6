import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import {
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  binaryEvent,
  jsonEvent,
  type AppendExpectedRevision,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';
import { anEvent, collect, connect, failure, revisions, someEvents } from './support';

requires('embedded event store');

// With and without BatchAppend: the client uses Append if a call has its own credentials.
const WAYS = [
  ['BatchAppend', {}],
  ['Append', { credentials: { username: 'u', password: 'p' } }],
] as const;

let store: EmbeddedEventStore;
let client: EventStoreDBClient;
const directory = mkdtempSync(join(tmpdir(), 'event-store-'));

const start = async () => {
  store = await startEmbeddedEventStore({ directory });
  client = connect(store.connectionString);
};
const stop = async () => {
  await client.dispose();
  await store.stop();
};
const restart = async () => {
  await stop();
  await start();
};

beforeAll(start);
afterAll(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

let streams = 0;
const aStream = () => `writes-${++streams}`;
const stored = async (stream: string) => revisions(await collect(client.readStream(stream)));

describe.each(WAYS)('appending by %s', (_, how) => {
  const append = (stream: string, events: ReturnType<typeof someEvents>, expectedRevision: AppendExpectedRevision) =>
    client.appendToStream(stream, events, { expectedRevision, ...how });
  const wrong = async (stream: string, expectedRevision: AppendExpectedRevision, events = someEvents(1)) => {
    const error = await failure(append(stream, events, expectedRevision));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    const { streamName, expectedVersion, actualVersion } = error as WrongExpectedVersionError;
    expect(streamName).toBe(stream);
    return { expectedVersion, actualVersion };
  };

  it('numbers events from 0 and returns the position of the last', async () => {
    const stream = aStream();
    const first = await append(stream, someEvents(3), NO_STREAM);
    const second = await append(stream, someEvents(1), 2n);
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(second).toMatchObject({ success: true, nextExpectedRevision: 3n });
    const events = await collect(client.readStream(stream));
    expect(revisions(events)).toEqual([0, 1, 2, 3]);
    expect(events[2]?.event?.position).toEqual(first.position);
    expect(events[3]?.event?.position).toEqual(second.position);
    expect(first.position?.commit).toBe(first.position?.prepare);
    expect(second.position!.commit).toBeGreaterThan(first.position!.commit);
  });

  it('accepts each kind of expected revision where it holds', async () => {
    const stream = aStream();
    await append(stream, someEvents(1), ANY);
    await append(stream, someEvents(1), STREAM_EXISTS);
    await append(stream, someEvents(1), 1n);
    expect(await stored(stream)).toEqual([0, 1, 2]);
  });

  it('rejects each kind of expected revision where it does not hold', async () => {
    const stream = aStream();
    expect(await wrong(stream, STREAM_EXISTS)).toEqual({
      expectedVersion: 'stream_exists',
      actualVersion: 'no_stream',
    });
    expect(await wrong(stream, 0n)).toEqual({ expectedVersion: 0n, actualVersion: 'no_stream' });
    await append(stream, someEvents(2), NO_STREAM);
    expect(await wrong(stream, NO_STREAM)).toEqual({ expectedVersion: 'no_stream', actualVersion: 1n });
    expect(await wrong(stream, 0n)).toEqual({ expectedVersion: 0n, actualVersion: 1n });
    expect(await wrong(stream, 7n)).toEqual({ expectedVersion: 7n, actualVersion: 1n });
    expect(await stored(stream)).toEqual([0, 1]);
  });

  it('accepts stream_exists for a stream that has only metadata', async () => {
    const stream = aStream();
    await client.setStreamMetadata(stream, { maxCount: 5 });
    await expect(append(stream, someEvents(1), STREAM_EXISTS)).resolves.toMatchObject({ nextExpectedRevision: 0n });
  });

  it('accepts an append without events, and returns that there is no stream', async () => {
    const stream = aStream();
    await expect(append(stream, [], NO_STREAM)).resolves.toMatchObject({ success: true, nextExpectedRevision: 0n });
    expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamNotFoundError);
  });

  it('rejects an append of more than a mebibyte, and writes none of its events', async () => {
    const stream = aStream();
    const large = () => jsonEvent({ type: 'large', data: { text: 'x'.repeat(400_000) } });
    const error = await failure(client.appendToStream(stream, [large(), large(), large()], how));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect((error as MaxAppendSizeExceededError).maxAppendSize).toBe(1_048_576);
    expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamNotFoundError);
    await client.appendToStream(stream, [large(), large()], how);
    expect(await stored(stream)).toEqual([0, 1]);
  });

  it('returns data and metadata unchanged, JSON or not', async () => {
    const stream = aStream();
    const json = jsonEvent({ type: '建群', data: { name: '产品 🚀', n: 1.5 }, metadata: { $correlationId: 'c' } });
    const bytes = Uint8Array.from([0, 255, 1, 254]);
    const binary = binaryEvent({ type: 'raw', data: bytes, metadata: bytes });
    const before = Date.now();
    await client.appendToStream(stream, [json, binary], how);
    const [first, second] = (await collect(client.readStream(stream))).map(({ event }) => event);
    expect(first).toMatchObject({ id: json.id, type: '建群', isJson: true, data: json.data, metadata: json.metadata });
    expect(Buffer.from(second?.data as Uint8Array)).toEqual(Buffer.from(bytes));
    expect(Buffer.from(second?.metadata as Uint8Array)).toEqual(Buffer.from(bytes));
    expect(second).toMatchObject({ id: binary.id, type: 'raw', isJson: false });
    expect(first!.created.getTime()).toBeGreaterThanOrEqual(before);
    expect(first!.created.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('accepts stream names in any script', async () => {
    const stream = `group-demo/群-é-${randomUUID()}`;
    await append(stream, someEvents(1), NO_STREAM);
    expect((await collect(client.readStream(stream)))[0]?.event?.streamId).toBe(stream);
    await client.tombstoneStream(stream);
    expect(await failure(append(stream, someEvents(1), ANY))).toBeInstanceOf(StreamDeletedError);
  });

  it('accepts $all as the name of a stream', async () => {
    await expect(append('$all', someEvents(1), ANY)).resolves.toMatchObject({ success: true });
  });

  describe('an append with repeated event ids', () => {
    it('with no_stream gets the first reply, even after later events and a restart', async () => {
      const stream = aStream();
      const events = someEvents(3);
      const first = await append(stream, events, NO_STREAM);
      expect(await append(stream, events, NO_STREAM)).toEqual(first);
      await append(stream, someEvents(2), 2n);
      expect(await append(stream, events, NO_STREAM)).toEqual(first);
      await restart();
      expect(await append(stream, events, NO_STREAM)).toEqual(first);
      expect(await stored(stream)).toEqual([0, 1, 2, 3, 4]);
    });

    it('with an older exact revision gets the first reply, even after a restart', async () => {
      const stream = aStream();
      await append(stream, someEvents(2), NO_STREAM);
      const events = someEvents(2);
      const first = await append(stream, events, 1n);
      await append(stream, someEvents(1), 3n);
      expect(await append(stream, events, 1n)).toEqual(first);
      await restart();
      expect(await append(stream, events, 1n)).toEqual(first);
      expect(await stored(stream)).toEqual([0, 1, 2, 3, 4]);
    });

    it('with the current exact revision is written again', async () => {
      const stream = aStream();
      const events = someEvents(2);
      await append(stream, events, NO_STREAM);
      await append(stream, events, 1n);
      expect(await stored(stream)).toEqual([0, 1, 2, 3]);
    });

    it.each([ANY, STREAM_EXISTS] as const)(
      'with %s gets the first reply, but is written again after a restart',
      async (expected) => {
        const stream = aStream();
        const events = someEvents(3);
        const first = await append(stream, events, NO_STREAM);
        await append(stream, someEvents(1), ANY);
        expect(await append(stream, events, expected)).toEqual(first);
        expect(await stored(stream)).toHaveLength(4);
        await restart();
        await expect(append(stream, events, expected)).resolves.toMatchObject({ nextExpectedRevision: 6n });
        expect(await stored(stream)).toHaveLength(7);
      },
    );

    it('of a part of an append, with any, gets the revision of the last repeated event', async () => {
      const stream = aStream();
      const events = someEvents(3);
      await append(stream, events, NO_STREAM);
      expect((await append(stream, events.slice(0, 1), ANY)).nextExpectedRevision).toBe(0n);
      expect((await append(stream, events.slice(1), ANY)).nextExpectedRevision).toBe(2n);
      expect(await stored(stream)).toHaveLength(3);
    });

    it('and new events behind them is rejected, with any expected revision', async () => {
      const stream = aStream();
      const events = someEvents(2);
      await append(stream, events, NO_STREAM);
      const mixed = [...events, anEvent()];
      expect(await wrong(stream, ANY, mixed)).toEqual({ expectedVersion: 'any', actualVersion: 1n });
      expect(await wrong(stream, NO_STREAM, mixed)).toEqual({ expectedVersion: 'no_stream', actualVersion: 1n });
      expect(await stored(stream)).toHaveLength(2);
    });

    it('within itself, or in another stream, is written', async () => {
      const [one, other] = [aStream(), aStream()];
      const event = anEvent();
      await append(one, [event, event], NO_STREAM);
      await append(other, [event], ANY);
      expect(await stored(one)).toEqual([0, 1]);
      expect(await stored(other)).toEqual([0]);
    });
  });
});

describe('many appends at the same time', () => {
  it('to one stream with the same expected revision: one succeeds', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(1));
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => client.appendToStream(stream, someEvents(2), { expectedRevision: 0n })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await stored(stream)).toEqual([0, 1, 2]);
  });

  it('to many streams: each is written once, and $all has the same order', async () => {
    const names = Array.from({ length: 300 }, () => aStream());
    const written = await Promise.all(names.map((name) => client.appendToStream(name, someEvents(2))));
    const inLog = (await collect(client.readAll())).filter(({ event }) => names.includes(event!.streamId));
    expect(inLog).toHaveLength(600);
    const positions = inLog.map(({ event }) => event!.position.commit);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)));
    for (const [index, name] of names.entries()) {
      const mine = inLog.filter(({ event }) => event!.streamId === name).map(({ event }) => event!);
      expect(mine.map(({ revision }) => revision)).toEqual([0n, 1n]);
      expect(mine[1]?.position).toEqual(written[index]?.position);
    }
  });
});

describe('deleting a stream', () => {
  it('hides it; an append restores it, and revisions continue', async () => {
    for (const expectedRevision of [ANY, NO_STREAM, 2n] as const) {
      const stream = aStream();
      await client.appendToStream(stream, someEvents(3));
      const { position } = await client.deleteStream(stream);
      expect(position?.commit).toBeGreaterThan(0n);
      expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamNotFoundError);
      const { nextExpectedRevision } = await client.appendToStream(stream, someEvents(2), { expectedRevision });
      expect(nextExpectedRevision).toBe(4n);
      expect(await stored(stream)).toEqual([3, 4]);
      expect(await client.getStreamMetadata(stream)).toMatchObject({ metadata: { truncateBefore: 3 } });
    }
  });

  it('writes a metadata event with the largest $tb', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(1));
    const { position } = await client.deleteStream(stream, { expectedRevision: 0n });
    const [event] = await collect(client.readStream(`$$${stream}`));
    expect(event?.event).toMatchObject({ type: '$metadata', isJson: true, position, data: { $tb: 2 ** 63 } });
  });

  it('makes stream_exists and older revisions fail', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(3));
    await client.deleteStream(stream);
    const deleted = await failure(client.appendToStream(stream, anEvent(), { expectedRevision: STREAM_EXISTS }));
    expect(deleted).toBeInstanceOf(StreamDeletedError);
    const old = await failure(client.appendToStream(stream, anEvent(), { expectedRevision: 1n }));
    expect(old).toMatchObject({ type: 'wrong-expected-version', actualVersion: 2n });
  });

  it('keeps its numbering after the events have left the file, and after a restart', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(3));
    const { position } = await client.deleteStream(stream);
    const erased = async () => !(await collect(client.readAll())).some(({ event }) => event?.streamId === stream);
    await waitFor(erased);
    await restart();
    expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamNotFoundError);
    const again = await client.appendToStream(stream, someEvents(1), { expectedRevision: NO_STREAM });
    expect(again.nextExpectedRevision).toBe(3n);
    expect(again.position!.commit).toBeGreaterThan(position!.commit);
  });

  it('keeps the old events hidden when the metadata are set again', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(3));
    await client.deleteStream(stream);
    await client.setStreamMetadata(stream, { maxCount: 10 });
    expect(await client.getStreamMetadata(stream)).toMatchObject({ metadata: { maxCount: 10, truncateBefore: 3 } });
    expect(await stored(stream)).toEqual([]);
  });

  it('rejects a missing stream and a wrong revision', async () => {
    const stream = aStream();
    const missing = await failure(client.deleteStream(stream));
    expect(missing).toBeInstanceOf(WrongExpectedVersionError);
    expect(missing).toMatchObject({ streamName: stream, expectedVersion: -2n, actualVersion: -1n });
    await client.appendToStream(stream, someEvents(2));
    expect(await failure(client.deleteStream(stream, { expectedRevision: 0n }))).toMatchObject({
      type: 'wrong-expected-version',
      streamName: stream,
      expectedVersion: 0n,
      actualVersion: 1n,
    });
    expect(await stored(stream)).toEqual([0, 1]);
  });
});

describe('tombstoning a stream', () => {
  it('applies to every call forever, even after a restart', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(2));
    await client.setStreamMetadata(stream, { maxCount: 9 });
    await client.tombstoneStream(stream, { expectedRevision: 1n });
    const calls = [
      () => client.appendToStream(stream, anEvent()),
      () => client.appendToStream(stream, anEvent(), { expectedRevision: NO_STREAM }),
      () => client.appendToStream(stream, anEvent(), { credentials: { username: 'u', password: 'p' } }),
      () => client.setStreamMetadata(stream, { maxCount: 1 }),
      () => client.deleteStream(stream),
      () => client.tombstoneStream(stream),
      () => collect(client.readStream(stream)),
      () => collect(client.readStream(`$$${stream}`)),
      () => collect(client.subscribeToStream(stream)),
    ];
    for (const call of calls) expect(await failure(call())).toBeInstanceOf(StreamDeletedError);
    expect(await failure(client.deleteStream(stream))).toMatchObject({ streamName: stream });
    await restart();
    for (const call of calls) expect(await failure(call())).toBeInstanceOf(StreamDeletedError);
  });

  it('writes an event to the log, at the position in its reply', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(1));
    const { position } = await client.tombstoneStream(stream);
    const [last] = await collect(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }));
    expect(last?.event).toMatchObject({ type: '$streamDeleted', streamId: stream, revision: 2n ** 63n - 1n, position });
  });

  it('checks the expected revision', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(1));
    for (const expectedRevision of [NO_STREAM, 5n] as const)
      expect(await failure(client.tombstoneStream(stream, { expectedRevision }))).toMatchObject({
        type: 'wrong-expected-version',
        actualVersion: 0n,
      });
    await client.tombstoneStream(stream, { expectedRevision: 0n });
    await client.tombstoneStream(aStream(), { expectedRevision: NO_STREAM });
  });

  it('ends a live subscription to the stream', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(1));
    const subscription = client.subscribeToStream(stream);
    const ended = failure(collect(subscription));
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await client.tombstoneStream(stream);
    expect(await ended).toBeInstanceOf(StreamDeletedError);
  });
});

describe('stream metadata', () => {
  it('are empty when none were set', async () => {
    const stream = aStream();
    expect(await client.getStreamMetadata(stream)).toEqual({ streamName: stream });
  });

  it('are returned unchanged, including $acl and custom keys', async () => {
    const stream = aStream();
    const metadata = { maxCount: 3, maxAge: 60, truncateBefore: 1, acl: { readRoles: ['$all'] }, own: { key: 1 } };
    await client.setStreamMetadata(stream, metadata);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual(metadata);
  });

  it('with $maxCount hide all but the newest events immediately', async () => {
    const stream = aStream();
    await client.setStreamMetadata(stream, { maxCount: 3 });
    await client.appendToStream(stream, someEvents(10));
    expect(await stored(stream)).toEqual([7, 8, 9]);
    const backwards = await collect(client.readStream(stream, { direction: 'backwards', fromRevision: 'end' }));
    expect(revisions(backwards)).toEqual([9, 8, 7]);
    await client.appendToStream(stream, someEvents(1), { expectedRevision: 9n });
    expect(await stored(stream)).toEqual([8, 9, 10]);
  });

  it('with $tb hide the events before it', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(5));
    await client.setStreamMetadata(stream, { truncateBefore: 3 });
    expect(await stored(stream)).toEqual([3, 4]);
    await client.setStreamMetadata(stream, { truncateBefore: 5 });
    expect(await stored(stream)).toEqual([]);
    await client.appendToStream(stream, someEvents(1), { expectedRevision: 4n });
    expect(await stored(stream)).toEqual([5]);
  });

  it('with $maxAge hide older events', async () => {
    const stream = aStream();
    await client.setStreamMetadata(stream, { maxAge: 5 });
    const { position } = await client.appendToStream(stream, someEvents(2));
    expect(await stored(stream)).toEqual([0, 1]);
    const [event] = await collect(client.readAll({ fromPosition: position!, maxCount: 1 }));
    const gone = event!.event!.created.getTime() + 5_001;
    await new Promise((resolve) => setTimeout(resolve, gone - Date.now()));
    expect(await stored(stream)).toEqual([]);
    await client.appendToStream(stream, someEvents(1));
    expect(await stored(stream)).toEqual([2]);
  });

  it('can be written at an expected revision', async () => {
    const stream = aStream();
    await client.setStreamMetadata(stream, { maxCount: 3 }, { expectedRevision: NO_STREAM });
    const late = client.setStreamMetadata(stream, { maxCount: 4 }, { expectedRevision: NO_STREAM });
    expect(await failure(late)).toBeInstanceOf(WrongExpectedVersionError);
    await client.setStreamMetadata(stream, { maxCount: 4 }, { expectedRevision: 0n });
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 4 });
  });
});
