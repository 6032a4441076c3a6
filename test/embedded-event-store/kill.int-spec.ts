import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_STREAM, type EventStoreDBClient, type Position } from '@eventstore/db-client';
import { requires } from '../support/servers';
import { anEvent, collect, connect } from './support';
import { ensureBuilt, FIRST_START_MS } from '../support/built';
import { StoreProcess } from './store-process';

requires('embedded event store');

beforeAll(ensureBuilt, FIRST_START_MS);

const KILLS = 100;
const WRITERS = 16;
const BATCH = 3;

/** The result of an acknowledged append. */
interface Acknowledged {
  stream: string;
  ids: string[];
  revision: bigint;
  commit: bigint;
}

/**
 * Kills the store a hundred times while sixteen writers append batches of three as fast as it answers. Half of them write
 * to streams of their own with an expected revision, and half to one shared stream. Every acknowledged batch must exist
 * once, whole, in order and at its place. Any other batch must exist whole or not at all.
 */
it('a store that is killed again and again loses no acknowledged append and keeps no partial batch', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'event-store-'));
  const acknowledged: Acknowledged[] = [];
  const attempted = new Map<string, string[]>();
  const heads = new Map<string, bigint>();
  let current: StoreProcess | undefined;

  const append = async (client: EventStoreDBClient, writer: number, run: number) => {
    const own = writer % 2 === 0;
    // After a kill, a writer doesn't know its stream's revision, so it uses a new stream.
    const stream = own ? `own-${writer}-${run}` : 'shared';
    const head = heads.get(stream);
    const ids = Array.from({ length: BATCH }, () => randomUUID());
    ids.forEach((id) => attempted.set(id, ids));
    const { nextExpectedRevision, position } = await client.appendToStream(
      stream,
      ids.map((id, n) => anEvent(n, id)),
      { expectedRevision: own ? (head ?? NO_STREAM) : 'any' },
    );
    heads.set(stream, nextExpectedRevision);
    acknowledged.push({ stream, ids, revision: nextExpectedRevision, commit: position?.commit ?? -1n });
    if (acknowledged.length >= awaited) enough();
  };
  let awaited = Infinity;
  let enough = () => undefined as void;
  const reached = (count: number) =>
    new Promise<void>((resolve) => {
      awaited = count;
      enough = resolve;
    });

  try {
    for (let run = 0; run < KILLS; run++) {
      current = StoreProcess.start({ DATA_DIR: directory });
      const client = connect(await current.url());
      let killed = false;
      const before = acknowledged.length;
      const write = async (writer: number) => {
        while (!killed) await append(client, writer, run).catch(() => undefined);
      };
      await append(client, WRITERS + 1, run);
      const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
      // Each kill comes at a different time, from the first replies to well into the run.
      await reached(before + 5 + ((run * 37) % 60));
      const ended = current.kill('SIGKILL');
      killed = true;
      expect(await ended).toBe('SIGKILL');
      await Promise.all(writers);
      await client.dispose();
    }

    current = StoreProcess.start({ DATA_DIR: directory });
    const client = connect(await current.url());
    const log = (await collect(client.readAll())).map(({ event }) => event!);
    const streams = [...new Set(log.map(({ streamId }) => streamId))];
    const byStream = new Map<string, { id: string; revision: bigint; position?: Position }[]>();
    for (const stream of streams)
      byStream.set(
        stream,
        (await collect(client.readStream(stream))).map(({ event }) => event!),
      );
    await client.dispose();

    // No event exists twice, positions ascend, and each stream has the same events as the log.
    expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
    const positions = log.map(({ position }) => position.commit);
    expect(positions.every((position, index) => index === 0 || position > positions[index - 1]!)).toBe(true);
    for (const [stream, events] of byStream) {
      expect(events.map(({ id }) => id)).toEqual(log.filter(({ streamId }) => streamId === stream).map(({ id }) => id));
      expect(events.map(({ revision }) => Number(revision))).toEqual(events.map((_, index) => index));
    }
    // Each batch in the log is whole, contiguous and in order.
    for (const events of byStream.values())
      for (let at = 0; at < events.length; at += BATCH)
        expect(events.slice(at, at + BATCH).map(({ id }) => id)).toEqual(attempted.get(events[at]!.id));
    // Every acknowledged batch is in the log, at its place.
    expect(acknowledged.length).toBeGreaterThan(KILLS * 5);
    for (const { stream, ids, revision, commit } of acknowledged) {
      const last = byStream.get(stream)?.[Number(revision)];
      expect(last?.id).toBe(ids.at(-1));
      expect(last?.position?.commit).toBe(commit);
    }
  } finally {
    await current?.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
}, 600_000);
