import { setTimeout as sleep } from 'node:timers/promises';
import { backoff, CohortError, comparePositions, type Position } from '@cohort/contracts';
import { OutcomeUnknown, WrongExpectedRevision, type EventStore } from '@cohort/event-store';
import { errorOfStore, isUnusable, outcomeUnknown, storeAway } from '../refusals';
import { decideBatch, type Batch, type Decided } from './decide-batch';
import type { NewestPosition } from './newest-position';
import type { MailboxObserver } from './observer';
import type { Queued, StreamKind, StreamTypes } from './stream-kind';

/** How often a batch is decided again because another node wrote first. */
const MOST_CONFLICTS = 100;
const CONFLICT_PAUSES = { first: 1, longest: 20, jitter: 1 } as const;

/** What a mailbox needs of its surroundings. */
export interface MailboxParts {
  readonly store: Pick<EventStore, 'append'>;
  readonly newest: Pick<NewestPosition, 'get' | 'saw'>;
  now(): number;
  readonly observer: Pick<MailboxObserver, 'onCache' | 'onBatch' | 'onUnusable'>;
}

interface Letter<T extends StreamTypes> extends Queued<T['command']> {
  resolve(this: void, answer: T['answer']): void;
  reject(this: void, error: Error): void;
}

/** A stream as a batch is decided on it. */
interface Basis<T extends StreamTypes> {
  readonly recorded: T['recorded'];
  /** Of the waiting commands those that came before the read began; undefined when nothing was read. */
  readonly inTime: number | undefined;
}

/**
 * One stream's commands, in the order they came. While an append is in flight the next ones gather; then all that wait are
 * decided in order and appended together. No two mailboxes of a process are for the same stream.
 */
export class Mailbox<T extends StreamTypes> {
  readonly #waiting: Letter<T>[] = [];
  readonly #stream: string;
  #running = false;
  /** Whether the append in flight may take long to settle, because the event store is unreachable. */
  #inDoubt = false;

  constructor(
    private readonly kind: StreamKind<T>,
    private readonly key: T['key'],
    private readonly parts: MailboxParts,
    private readonly onIdle: () => void,
  ) {
    this.#stream = kind.stream(key);
  }

  /** Commands that are waiting or being decided. */
  get size(): number {
    return this.#waiting.length;
  }

  post(command: T['command']): Promise<T['answer']> {
    if (this.#inDoubt) return Promise.reject(storeAway());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      try {
        await this.#settleBatch();
      } catch (error) {
        this.#noteUnusable(error);
        // Nothing was done, and the next command would fail the same way: reject all that wait.
        for (const { command, reject } of this.#waiting.splice(0)) reject(errorOfStore(error, command.commandId));
      }
    }
    this.#running = false;
    this.onIdle();
  }

  /** A stream whose stored events can't be used isn't kept in memory: what is known of it is no longer true. */
  #noteUnusable(error: unknown): void {
    const refusal = errorOfStore(error, '');
    if (!isUnusable(refusal)) return;
    this.kind.cache.delete(this.#stream);
    this.parts.observer.onUnusable(this.#stream, refusal);
  }

  /** Decides and appends until one batch is settled. Throws when nothing was done. */
  async #settleBatch(): Promise<void> {
    const { kind, key, parts } = this;
    // 1. The stream: from memory, or read, or left to the append.
    let basis = await this.#begin();
    for (let conflicts = 0; ;) {
      const { recorded, inTime } = basis;
      // 2. All that wait are decided in order.
      const waiting = this.#waiting.slice(0, inTime);
      const facts = await kind.factsFor(key, recorded, waiting);
      const batch = decideBatch(kind, this.#stream, recorded, waiting, facts, parts.now());
      // 3. Another node may have changed the stream, so a refusal or no-effect needs a read. A successful append proves
      // nothing: the store also accepts a repeat of what that node wrote.
      if (batch.needsCurrent && inTime === undefined) {
        basis = await this.#catchUp(recorded);
        continue;
      }
      if (batch.events.length === 0) {
        if (recorded.revision >= 0) kind.cache.set(this.#stream, recorded);
        parts.observer.onBatch(batch.decided.length, 0);
        this.#answer(batch, recorded.position, recorded.position);
        return;
      }
      // 4. Its events are appended, and 5. all of it is answered.
      if (await this.#append(batch, recorded)) return;
      // 6. Another node was first: the newer events are read, and the batch is decided again.
      conflicts += 1;
      if (conflicts > MOST_CONFLICTS) {
        const message = `Other nodes keep writing to this ${kind.on}; nothing was done, try again later.`;
        throw new CohortError('OVERLOADED', message);
      }
      if (conflicts > 1) await sleep(backoff(conflicts - 1, CONFLICT_PAUSES));
      basis = await this.#catchUp(recorded);
    }
  }

  async #begin(): Promise<Basis<T>> {
    const { kind, parts } = this;
    const cached = kind.cache.get(this.#stream);
    if (cached) {
      parts.observer.onCache('hit');
      return { recorded: cached, inTime: undefined };
    }
    const [first] = this.#waiting;
    if (first && kind.mayBegin(first.command)) return { recorded: kind.unwritten(), inTime: undefined };
    parts.observer.onCache('miss');
    return this.#catchUp(kind.unwritten());
  }

  /** A command that arrives during the read may depend on events that the read misses, so it waits for the next batch. */
  async #catchUp(recorded: T['recorded']): Promise<Basis<T>> {
    const inTime = this.#waiting.length;
    return { recorded: await this.kind.catchUp(this.key, recorded), inTime };
  }

  /** Appends a batch and answers it; false when another node wrote first. Throws when nothing was done. */
  async #append(batch: Batch<T, Letter<T>>, recorded: T['recorded']): Promise<boolean> {
    const { kind, key, parts } = this;
    const { store, newest, observer } = parts;
    try {
      const seen = await newest.get();
      const expected = recorded.revision < 0 ? 'none' : recorded.revision;
      const { position, revision } = await store.append(this.#stream, batch.events, expected, () =>
        this.#giveUpAllBehind(batch),
      );
      // A repeat: these commands were carried out before, perhaps with other outcomes.
      if (comparePositions(position, seen) <= 0) return false;
      newest.saw(position);
      // The stream seemed new, but was deleted: the store continues its revisions. It must be read.
      if (revision !== recorded.revision + batch.events.length) return false;
      for (const { commandId, ...command } of batch.written)
        recorded.memory.remember(commandId, { ...command, position });
      const appended = kind.appended(recorded, batch, position);
      kind.cache.set(this.#stream, appended);
      observer.onBatch(batch.decided.length, batch.events.length);
      this.#answer(batch, recorded.position, position);
      kind.onAppended(key, appended);
      return true;
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return false;
      if (!(error instanceof OutcomeUnknown)) throw error;
      kind.cache.delete(this.#stream);
      observer.onBatch(batch.decided.length, 0);
      this.#answerInDoubt(batch, recorded.position);
      return true;
    } finally {
      this.#inDoubt = false;
    }
  }

  /** Rejects the waiting commands behind the batch in doubt, and all new ones until its outcome is known. */
  #giveUpAllBehind({ decided }: Batch<T, Letter<T>>): void {
    this.#inDoubt = true;
    for (const { reject } of this.#waiting.splice(decided.length)) reject(storeAway());
  }

  #answer({ decided }: Batch<T, Letter<T>>, before: Position, after: Position): void {
    this.#waiting.splice(0, decided.length);
    for (const one of decided) this.#reply(one, one.onBatch ? after : before);
  }

  /** Answers the commands that don't depend on the append; the outcome of the others is unknown. */
  #answerInDoubt({ decided }: Batch<T, Letter<T>>, before: Position): void {
    this.#waiting.splice(0, decided.length);
    for (const one of decided) {
      if (one.onBatch) one.queued.reject(outcomeUnknown(one.queued.command.commandId));
      else this.#reply(one, before);
    }
  }

  #reply({ queued, verdict }: Decided<T, Letter<T>>, position: Position): void {
    const { command, resolve, reject } = queued;
    switch (verdict.type) {
      case 'refused':
        reject(verdict.error);
        return;
      case 'accepted':
        resolve(this.kind.answer(command, verdict.revision, position, verdict.result));
        return;
      case 'repeated':
        resolve(this.kind.answerAgain(command, verdict.first));
    }
  }
}
