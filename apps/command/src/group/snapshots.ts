import { createHash, randomUUID } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { snapshotStream } from '@cohort/contracts';
import { readOne, WrongExpectedRevision, type EventStore, type EventStoreLog, type Json } from '@cohort/event-store';
import { initialState, packing as packingOfGroups, type GroupState } from '@cohort/group';
import { messageOf } from '@cohort/surroundings';
import { CommandMemory } from '../mailbox/command-memory';
import type { GroupKey } from './group-key';
import { UNOBSERVED, type MailboxObserver, type SnapshotWritten } from '../mailbox/observer';
import { readBack } from './read-back';
import { SnapshotGauge, StoredGroup, type RecordedGroup } from './recorded-group';
import {
  CHUNK,
  chunkOf,
  chunksOf,
  MANIFEST,
  SNAPSHOT_FORMAT,
  usableManifest,
  type GroupPacking,
  type Manifest,
  type SnapshotManifest,
} from './snapshot-form';

/** Most snapshots written at the same time by this process; they aren't urgent. */
const MOST_WRITERS = 2;
/** How far back a manifest is looked for behind the chunks of a snapshot that was not finished. */
const MOST_CHUNKS_BACK = 1_000;

const isDue = ({ state, gauge }: RecordedGroup): boolean =>
  state.status === 'live' && state.imports.status === 'running' ? gauge.dueInImport : gauge.due;

type Store = Pick<EventStore, 'append' | 'read' | 'setTruncateBefore'>;

/**
 * Snapshots of groups: chunks, then a manifest, in a stream of their own. They only save time: one that can't be used for
 * any reason is ignored, and the group is read from its events.
 */
export class Snapshots {
  readonly #writing = new Map<string, Promise<void>>();

  constructor(
    private readonly store: Store,
    private readonly log?: EventStoreLog,
    private readonly observer: Pick<MailboxObserver, 'onSnapshotRead' | 'onSnapshotWritten'> = UNOBSERVED,
    private readonly packing: GroupPacking = packingOfGroups,
  ) {}

  /** Begins to write a snapshot, when enough has happened since the last and not too many are being written. */
  consider(key: GroupKey, group: RecordedGroup): void {
    const stream = snapshotStream(key.app, key.groupId);
    if (!isDue(group) || this.#writing.has(stream) || this.#writing.size >= MOST_WRITERS) return;
    const writing = this.#write(stream, key, group)
      .then(
        (bytes): SnapshotWritten => ({ outcome: 'written', bytes }),
        (error: unknown): SnapshotWritten => {
          // Another node is writing one, or the event store is unreachable: the next snapshot that is due is a retry.
          if (error instanceof WrongExpectedRevision) return { outcome: 'overtaken' };
          this.log?.warn({ stream, error: messageOf(error) }, 'snapshot not written');
          return { outcome: 'failed' };
        },
      )
      .then((how) => {
        this.#writing.delete(stream);
        this.observer.onSnapshotWritten(how);
      });
    this.#writing.set(stream, writing);
  }

  /** When the snapshots that are being written are done. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  /** The newest usable snapshot of a group; it must still be held against the group's events. */
  async read({ app, groupId }: GroupKey): Promise<RecordedGroup | undefined> {
    const stream = snapshotStream(app, groupId);
    try {
      const manifest = await this.#newestManifest(stream);
      if (manifest) return await this.#restore(stream, manifest);
      this.observer.onSnapshotRead('none');
    } catch (error) {
      this.observer.onSnapshotRead('broken');
      this.log?.warn({ stream, error: messageOf(error) }, 'snapshot not usable');
    }
    return undefined;
  }

  async #newestManifest(stream: string): Promise<SnapshotManifest | undefined> {
    for (const limit of [1, MOST_CHUNKS_BACK]) {
      for await (const event of this.store.read(stream, { backwards: true, limit })) {
        if (event.type === MANIFEST) return usableManifest(event, this.packing);
      }
    }
    return undefined;
  }

  async #restore(stream: string, manifest: SnapshotManifest): Promise<RecordedGroup> {
    const { revision, eventId, position, lastAt, forgottenUntil, firstChunk, chunks, bytes } = manifest;
    const hash = createHash('sha256');
    const memory = new CommandMemory();
    let state: GroupState = initialState;
    let seen = 0;
    for await (const event of this.store.read(stream, { from: firstChunk, limit: chunks })) {
      const chunk = chunkOf(event);
      hash.update(JSON.stringify(event.data));
      if (chunk.kind === 'commands') for (const [id, command] of chunk.commands) memory.remember(id, command);
      else state = this.packing.unpackPart(state, chunk);
      seen += 1;
      await yieldToOthers();
    }
    if (seen !== chunks) throw new Error(`the manifest names ${chunks} chunks, ${seen} are there`);
    if (hash.digest('hex') !== manifest.hash) throw new Error("the chunks aren't those the manifest was written for");
    const stored = new StoredGroup(state, revision, lastAt);
    if (forgottenUntil !== null) memory.forgotUntil(forgottenUntil);
    return { state, revision, eventId, position, lastAt, memory, gauge: new SnapshotGauge(bytes), stored };
  }

  /** Returns how many bytes it took. Only what was read from the event store comes into a snapshot. */
  async #write(stream: string, key: GroupKey, group: RecordedGroup): Promise<number> {
    const { gauge } = group;
    gauge.begin();
    const { state, revision, eventId, position, lastAt, memory } = await readBack(this.store, key, group);
    // Copied now, because new commands are added to the memory meanwhile.
    const commands = memory.entries();
    const { forgottenUntil } = memory;

    const last = await this.#lastRevision(stream);
    let expected = last;
    const append = async (type: string, data: object | Json): Promise<void> => {
      const event = { id: randomUUID(), type, data, metadata: { schemaVersion: SNAPSHOT_FORMAT } };
      await this.store.append(stream, [event], expected < 0 ? 'none' : expected);
      expected += 1;
    };
    const hash = createHash('sha256');
    let chunks = 0;
    let bytes = 0;
    for (const chunk of chunksOf(state, commands, this.packing)) {
      hash.update(chunk.bytes);
      await append(CHUNK, chunk);
      chunks += 1;
      bytes += chunk.bytes.length;
    }
    const manifest: Manifest = {
      format: SNAPSHOT_FORMAT,
      slices: this.packing.versions,
      revision,
      eventId,
      position,
      lastAt,
      forgottenUntil: Number.isFinite(forgottenUntil) ? forgottenUntil : null,
      firstChunk: last + 1,
      chunks,
      bytes,
      hash: hash.digest('hex'),
    };
    await append(MANIFEST, manifest);
    gauge.taken(bytes);
    if (last >= 0) await this.store.setTruncateBefore(stream, last + 1);
    return bytes;
  }

  async #lastRevision(stream: string): Promise<number> {
    return (await readOne(this.store, stream, { backwards: true }))?.revision ?? -1;
  }
}
