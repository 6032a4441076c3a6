import { createHash, randomUUID } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { snapshotStream, type Position } from '@cohort/contracts';
import {
  encodeJson,
  readOne,
  WrongExpectedRevision,
  type EventStore,
  type EventStoreLog,
  type Json,
  type StoredEvent,
} from '@cohort/event-store';
import {
  GROUP_STATE_VERSION,
  initialState,
  MAX_PART_BYTES,
  packState,
  unpackPart,
  type GroupState,
  type PackedPart,
} from '@cohort/group';
import { CommandMemory, type RememberedCommand } from './command-memory';
import type { GroupKey } from './group-key';
import { NOBODY, type MailboxObserver, type SnapshotWritten } from './observer';
import { readBack } from './read-back';
import { SnapshotGauge, StoredGroup, type RecordedGroup } from './recorded-group';

/** Raised when the form of manifest or commands changes: snapshots of another form are ignored. */
const SNAPSHOT_FORMAT = 1;
/** Snapshots being written at once, in this process: they are never in a hurry. */
const MOST_WRITERS = 2;
/** How far back a manifest is looked for behind the chunks of a snapshot that was not finished. */
const MOST_CHUNKS_BACK = 1_000;

/** The last event of a snapshot: what the chunks before it are. */
interface Manifest {
  readonly format: number;
  readonly stateVersion: number;
  /** Of the group's newest event in it. */
  readonly revision: number;
  readonly eventId: string;
  readonly position: Position;
  readonly lastAt: number;
  /** Event time of the newest command forgotten; null when none was. */
  readonly forgottenUntil: number | null;
  /** Revision of the first chunk in the snapshots' stream, and how many there are. */
  readonly firstChunk: number;
  readonly chunks: number;
  readonly bytes: number;
  /** SHA-256 over the chunks' JSON. */
  readonly hash: string;
}

interface CommandsPart {
  readonly kind: 'commands';
  readonly commands: readonly (readonly [string, RememberedCommand])[];
}
type Chunk = PackedPart | CommandsPart;

const CHUNK = 'snapshotChunk';
const MANIFEST = 'snapshotManifest';

type Store = Pick<EventStore, 'append' | 'read' | 'setTruncateBefore'>;

/**
 * Snapshots of groups: chunks, then a manifest, in a stream of their own. They only save time: whatever is wrong with one,
 * it is ignored, and the events tell.
 */
export class Snapshots {
  readonly #writing = new Map<string, Promise<void>>();

  constructor(
    private readonly store: Store,
    private readonly log?: EventStoreLog,
    private readonly observer: Pick<MailboxObserver, 'onSnapshotRead' | 'onSnapshotWritten'> = NOBODY,
  ) {}

  /** Begins to write a snapshot, when enough has happened since the last and not too many are being written. */
  consider(key: GroupKey, group: RecordedGroup): void {
    const stream = snapshotStream(key.app, key.groupId);
    if (!group.gauge.due || this.#writing.has(stream) || this.#writing.size >= MOST_WRITERS) return;
    const writing = this.#write(stream, key, group)
      .then(
        (bytes): SnapshotWritten => ({ outcome: 'written', bytes }),
        (error: unknown): SnapshotWritten => {
          // Another node is writing one, or the event store is away: there will be another occasion.
          if (error instanceof WrongExpectedRevision) return { outcome: 'overtaken' };
          this.log?.warn({ stream, error: String(error) }, 'snapshot not written');
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
      this.log?.warn({ stream, error: String(error) }, 'snapshot not usable');
    }
    return undefined;
  }

  async #newestManifest(stream: string): Promise<Manifest | undefined> {
    for (const limit of [1, MOST_CHUNKS_BACK]) {
      for await (const { type, data } of this.store.read(stream, { backwards: true, limit })) {
        if (type !== MANIFEST) continue;
        const manifest = data as Manifest;
        return manifest.format === SNAPSHOT_FORMAT && manifest.stateVersion === GROUP_STATE_VERSION
          ? manifest
          : undefined;
      }
    }
    return undefined;
  }

  async #restore(stream: string, manifest: Manifest): Promise<RecordedGroup> {
    const { revision, eventId, position, lastAt, forgottenUntil, firstChunk, chunks, bytes } = manifest;
    const hash = createHash('sha256');
    const memory = new CommandMemory();
    let state: GroupState = initialState;
    let seen = 0;
    for await (const event of this.store.read(stream, { from: firstChunk, limit: chunks })) {
      const chunk = chunkOf(event);
      hash.update(JSON.stringify(chunk));
      if (chunk.kind === 'commands') for (const [id, command] of chunk.commands) memory.remember(id, command);
      else state = unpackPart(state, chunk);
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
    // Taken now: the memory goes on learning.
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
    for (const chunk of chunksOf(state, commands)) {
      const json = encodeJson(chunk);
      hash.update(json.bytes);
      await append(CHUNK, json);
      chunks += 1;
      bytes += json.bytes.length;
    }
    const manifest: Manifest = {
      format: SNAPSHOT_FORMAT,
      stateVersion: GROUP_STATE_VERSION,
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

function* chunksOf(state: GroupState, commands: [string, RememberedCommand][]): Generator<Chunk> {
  yield* packState(state);
  let part: CommandsPart['commands'][number][] = [];
  let bytes = 0;
  for (const command of commands) {
    const size = Buffer.byteLength(JSON.stringify(command)) + 1;
    if (part.length > 0 && bytes + size > MAX_PART_BYTES) {
      yield { kind: 'commands', commands: part };
      part = [];
      bytes = 0;
    }
    part.push(command);
    bytes += size;
  }
  if (part.length > 0) yield { kind: 'commands', commands: part };
}

function chunkOf({ type, data }: StoredEvent): Chunk {
  if (type !== CHUNK) throw new Error(`a ${type} stands where a chunk should`);
  return data as Chunk;
}
