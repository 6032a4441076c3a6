import { randomUUID } from 'node:crypto';
import {
  commandHash,
  groupStream,
  type Actor,
  type AppSettings,
  type CommandData,
  type EventMetadata,
  type GroupCommandAnswer,
  type GroupCommandName,
  TENANT_DEFAULTS,
} from '@cohort/contracts';
import type { EventStore, ReadOptions, StoredEvent } from '@cohort/event-store';
import type { Circumstances, CommandRequest } from '../../apps/command/src/command-request';
import { fresh } from '../support/fresh';
import type { GroupMailboxes } from '../../apps/command/src/group';

/** A tenant of one spec. */
export const demo: AppSettings = { ...TENANT_DEFAULTS, id: fresh('app') };

/** Sends a command, by a service unless `fields` say otherwise. */
export function send<N extends GroupCommandName>(
  mailboxes: GroupMailboxes,
  type: N,
  fields: Omit<CommandData<N>, 'app' | 'actor'> & { readonly actor?: Actor },
  { app = demo, commandId = randomUUID(), deadline = Infinity, ...rest }: Partial<Circumstances> = {},
): Promise<GroupCommandAnswer> {
  const data = { app: app.id, actor: { type: 'service' }, ...fields };
  const circumstances: Circumstances = { app, commandId, commandHash: commandHash(type, fields), deadline, ...rest };
  return mailboxes.execute({ ...circumstances, type, data } as unknown as CommandRequest<GroupCommandName>);
}

/** The event store, with its appends and reads counted, and its appends held back when asked. */
export class Watched implements Pick<EventStore, 'append' | 'read' | 'head' | 'setTruncateBefore'> {
  readonly appends: { stream: string; events: number }[] = [];
  readonly reads: ({ stream: string } & ReadOptions)[] = [];
  #holding = false;
  #released: (() => void)[] = [];
  #through: string | undefined;
  #readsReleased: Promise<void> | undefined;
  /** Reads that have read all, and were held back. */
  readsHeld = 0;

  constructor(private readonly store: EventStore) {}

  /** Holds back the appends to come until `release`. */
  hold(): void {
    this.#holding = true;
  }

  /** Releases one append that is held back, and continues to hold the others. */
  releaseOne(): void {
    this.#released.shift()?.();
  }

  /** Lets the appends to one stream go by. */
  letThrough(stream: string): void {
    this.#through = stream;
  }

  release(): void {
    this.#holding = false;
    for (const go of this.#released.splice(0)) go();
  }

  /** Holds back what the reads to come have read until `releaseReads`. */
  holdReads(): void {
    this.#readsReleased = new Promise((go) => (this.releaseReads = go));
  }
  releaseReads: () => void = () => undefined;

  append: EventStore['append'] = async (stream, events, expected, onInDoubt) => {
    this.appends.push({ stream, events: events.length });
    if (this.#holding && stream !== this.#through) await new Promise<void>((go) => this.#released.push(go));
    return this.store.append(stream, events, expected, onInDoubt);
  };

  read: EventStore['read'] = (stream, options) => {
    this.reads.push({ stream, ...options });
    const events = this.store.read(stream, options);
    return this.#readsReleased ? this.#hold(events, this.#readsReleased) : events;
  };

  async *#hold(events: AsyncIterable<StoredEvent>, released: Promise<void>): AsyncGenerator<StoredEvent> {
    const read: StoredEvent[] = [];
    for await (const event of events) read.push(event);
    this.readsHeld += 1;
    await released;
    yield* read;
  }

  head: EventStore['head'] = () => this.store.head();
  setTruncateBefore: EventStore['setTruncateBefore'] = (...args) => this.store.setTruncateBefore(...args);
}

export async function eventsOf(
  store: Pick<EventStore, 'read'>,
  groupId: string,
  app = demo.id,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of store.read(groupStream(app, groupId))) events.push(event);
  return events;
}

export const metadataOf = (event: StoredEvent): EventMetadata => event.metadata as unknown as EventMetadata;

let groups = 0;
/** An id that no test has used. */
export const newGroupId = (): string => `g-${++groups}-${randomUUID().slice(0, 8)}`;
