import { randomBytes, randomUUID } from 'node:crypto';
import {
  comparePositions,
  KEY_MADE,
  keyIdOf,
  keyIn,
  keyIdsIn,
  KEYS_ERASED,
  opened,
  parseKeyId,
  userKeyStream,
  type Opened,
  type Position,
  type TextKey,
} from '@cohort/contracts';
import { StreamDeleted, WrongExpectedRevision } from './errors';
import { readOne } from './read-one';
import type { Appended, EventStore, ExpectedRevision, NewEvent, StoredEvent } from './types';

const KEY_BYTES = 32;
/** Keys that are read at the same time. */
const AT_ONCE = 16;
/** Events of a key stream's end among which its last one of ours is searched: another program may have written there. */
const MOST_LOOKED_AT = 100;

/**
 * Reads the keys of users' personal texts, from streams of their own (docs/decisions/0006-personal-text.md). No key is kept in
 * memory: an erased key must be gone at once, and texts are rare among events.
 */
export class KeyReader {
  constructor(private readonly reader: Pick<EventStore, 'read'>) {}

  /** The keys with these ids, without those that are gone. */
  async find(keyIds: Iterable<string>): Promise<Map<string, Uint8Array>> {
    const ids = [...keyIds];
    const found = new Map<string, Uint8Array>();
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      const some = ids.slice(i, i + AT_ONCE);
      const keys = await Promise.all(some.map((keyId) => this.read(keyId)));
      keys.forEach((key, j) => {
        if (key !== undefined) found.set(some[j]!, key);
      });
    }
    return found;
  }

  /** Values with their personal texts opened. */
  async open<T>(all: readonly T[]): Promise<Opened<T>[]> {
    const keyIds = new Set(all.flatMap((value) => [...keyIdsIn(value)]));
    const keys = keyIds.size === 0 ? undefined : await this.find(keyIds);
    // Without sealed texts, a value is its own opened form.
    return keys === undefined ? (all as Opened<T>[]) : all.map((value) => opened(value, keys));
  }

  private async read(keyId: string): Promise<Uint8Array | undefined> {
    const { owner, number } = parseKeyId(keyId) ?? {};
    if (owner === undefined || number === undefined) return undefined;
    try {
      const event = await readOne(this.reader, userKeyStream(owner.app, owner.id), { from: number - 1 });
      return event?.revision === number - 1 ? keyIn(event) : undefined;
    } catch (error) {
      if (error instanceof StreamDeleted) return undefined;
      throw error;
    }
  }
}

/** Makes the keys of users' personal texts, and erases them. Each call rejects as the event store's own calls do. */
export class UserKeys {
  constructor(private readonly store: Pick<EventStore, 'append' | 'read' | 'setTruncateBefore'>) {}

  /**
   * The newest key of a user; a user without one gets one. An empty user stands for the tenant itself. Of two processes that
   * make the first key together, one gets the other's. After a rejection there may be a key that no text uses.
   */
  async forSealing(app: string, userId: string): Promise<TextKey> {
    const stream = userKeyStream(app, userId);
    const named = (revision: number, key: Uint8Array) => ({ keyId: keyIdOf({ app, id: userId }, revision + 1), key });
    for (;;) {
      const { last, ours } = await this.end(stream);
      const known = ours && keyIn(ours);
      if (ours && known) return named(ours.revision, known);
      const key = randomBytes(KEY_BYTES);
      const made = newEvent(app, KEY_MADE, { key: key.toString('base64url') });
      const appended = await this.appendAt(stream, made, last?.revision ?? 'none');
      if (appended) return named(appended.revision, key);
    }
  }

  /**
   * Erases the keys that a user has. An event without personal data stays as a mark, because a server keeps the last event of a
   * stream when it removes others. Repeated, it finishes what was interrupted, and writes nothing else.
   *
   * @param before only keys that were made before this position; a newer one is kept
   */
  async erase(app: string, userId: string, before?: Position): Promise<void> {
    const stream = userKeyStream(app, userId);
    for (;;) {
      const { last, ours, mark } = await this.end(stream);
      if (mark !== undefined) {
        const first = await readOne(this.store, stream);
        const isLeft = first !== undefined && first.revision < mark.revision;
        if (isLeft) await this.store.setTruncateBefore(stream, mark.revision);
      }
      if (last === undefined || ours === undefined || ours === mark) return;
      if (before !== undefined && comparePositions(ours.position, before) > 0) return;
      await this.appendAt(stream, newEvent(app, KEYS_ERASED, {}), last.revision);
    }
  }

  /** Appends an event, unless another process was first. */
  private async appendAt(stream: string, event: NewEvent, at: ExpectedRevision): Promise<Appended | undefined> {
    try {
      return await this.store.append(stream, [event], at);
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return undefined;
      throw error;
    }
  }

  /** The stream's last event, the last one that this service wrote, and its last mark of an erasure. */
  private async end(stream: string): Promise<End> {
    let last: StoredEvent | undefined;
    let ours: StoredEvent | undefined;
    let mark: StoredEvent | undefined;
    for await (const event of this.store.read(stream, { backwards: true, limit: MOST_LOOKED_AT })) {
      last ??= event;
      if (event.type === KEYS_ERASED) mark ??= event;
      if (event.type === KEYS_ERASED || keyIn(event) !== undefined) ours ??= event;
    }
    return { last, ours, mark };
  }
}

type End = Readonly<Record<'last' | 'ours' | 'mark', StoredEvent | undefined>>;

const newEvent = (app: string, type: string, data: object): NewEvent => ({
  id: randomUUID(),
  type,
  data,
  metadata: { app, at: new Date().toISOString(), schemaVersion: 1 },
});
