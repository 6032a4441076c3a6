import {
  readDirectoryAnswer,
  USER_DIRECTORY,
  type UserDirectoryRequest,
  type UserDirectorySettings,
} from '@cohort/contracts';
import { codeOf, messageOf } from '@cohort/surroundings';
import { LRUCache } from 'lru-cache';
import { ErrorCode } from 'nats';
import type { Bus } from './bus';

/** Answers kept for a tenant. */
const MOST_CACHED = 100_000;
/** Milliseconds for which a user counts as unknown: a new user must soon be known. */
const UNKNOWN_MS = 1_000;
/** Requests in flight for a tenant. Users of later commands gather in the next ones. */
const MOST_IN_FLIGHT = 4;
/** Requests that wait for a tenant. */
const MOST_WAITING = 64;

/** The user directory gave no usable answer in time. */
export class DirectoryAway extends Error {}

export interface DirectoryParts {
  readonly bus: Pick<Bus, 'ask'>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Called with the reason of each request that failed. */
  readonly onAway: (why: string) => void;
}

/** Users about whom the directory is asked together. */
class Batch {
  readonly users = new Set<string>();
  /** Those of them who are known. */
  readonly known: Promise<ReadonlySet<string>>;
  answer!: (known: ReadonlySet<string>) => void;
  fail!: (error: DirectoryAway) => void;

  constructor() {
    this.known = new Promise((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
    });
    // Whoever waits may have given up.
    this.known.catch(() => undefined);
  }
}

/**
 * A user directory behind a NATS subject. Answers are kept for a time; a user is asked for once at a time, however many
 * commands name them, and users of several commands are asked for together.
 */
export class AskedUsers {
  readonly #answers = new LRUCache<string, { readonly isKnown: boolean; readonly until: number }>({ max: MOST_CACHED });
  /** The batch that each user is in, until it is answered. */
  readonly #pending = new Map<string, Batch>();
  readonly #waiting: Batch[] = [];
  #inFlight = 0;
  readonly #timeoutMs: number;
  readonly #cacheMs: number;

  constructor(
    private readonly app: string,
    private readonly settings: Required<Pick<UserDirectorySettings, 'subject'>> & UserDirectorySettings,
    private readonly parts: DirectoryParts,
  ) {
    const { timeoutMs = USER_DIRECTORY.timeoutMs.default, cacheMs = USER_DIRECTORY.cacheMs.default } = settings;
    this.#timeoutMs = timeoutMs;
    this.#cacheMs = cacheMs;
  }

  /** @throws DirectoryAway no usable answer about one of them came within the directory's timeout */
  async unknownAmong(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const unknown = new Set<string>();
    const batches = new Map<Batch, string[]>();
    for (const userId of new Set(userIds)) {
      const isKnown = this.#remembered(userId);
      if (isKnown === false) unknown.add(userId);
      if (isKnown !== undefined) continue;
      const batch = this.#batchOf(userId);
      const users = batches.get(batch);
      if (users) users.push(userId);
      else batches.set(batch, [userId]);
    }
    if (batches.size === 0) return unknown;
    await this.#within(
      [...batches].map(async ([batch, users]) => {
        const known = await batch.known;
        for (const userId of users) if (!known.has(userId)) unknown.add(userId);
      }),
    );
    return unknown;
  }

  #remembered(userId: string): boolean | undefined {
    const answer = this.#answers.get(userId);
    return answer !== undefined && this.parts.now() < answer.until ? answer.isKnown : undefined;
  }

  #batchOf(userId: string): Batch {
    let batch = this.#pending.get(userId);
    if (batch) return batch;
    batch = this.#waiting.at(-1);
    if (!batch || batch.users.size === USER_DIRECTORY.asked) {
      if (this.#waiting.length >= MOST_WAITING) throw new DirectoryAway();
      this.#waiting.push((batch = new Batch()));
      // Commands that arrive in the same turn are asked about together.
      setImmediate(() => this.#sendNext());
    }
    batch.users.add(userId);
    this.#pending.set(userId, batch);
    return batch;
  }

  /** All of it, but for at most the directory's timeout. */
  async #within(work: readonly Promise<void>[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DirectoryAway()), this.#timeoutMs);
    });
    try {
      await Promise.race([Promise.all(work), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #sendNext(): void {
    while (this.#inFlight < MOST_IN_FLIGHT) {
      const batch = this.#waiting.shift();
      if (batch === undefined) return;
      this.#inFlight += 1;
      void this.#send(batch).finally(() => {
        this.#inFlight -= 1;
        this.#sendNext();
      });
    }
  }

  async #send(batch: Batch): Promise<void> {
    const known = await this.#ask(batch.users);
    if (known === undefined) {
      // The batches behind it would most likely wait in vain, too.
      for (const each of [batch, ...this.#waiting.splice(0)]) {
        this.#forget(each);
        each.fail(new DirectoryAway());
      }
      return;
    }
    const at = this.parts.now();
    for (const userId of batch.users) {
      const isKnown = known.has(userId);
      const until = at + (isKnown ? this.#cacheMs : Math.min(this.#cacheMs, UNKNOWN_MS));
      this.#answers.set(userId, { isKnown, until });
    }
    this.#forget(batch);
    batch.answer(known);
  }

  #forget({ users }: Batch): void {
    for (const userId of users) this.#pending.delete(userId);
  }

  #reason(error: unknown): string {
    switch (codeOf(error)) {
      case ErrorCode.NoResponders:
        return `nobody subscribes to ${this.settings.subject}`;
      case ErrorCode.Timeout:
        return `no answer came within ${this.#timeoutMs} ms`;
      case undefined:
      default:
        return messageOf(error);
    }
  }

  /** The known users of an answer; undefined if none came that is one. */
  async #ask(users: ReadonlySet<string>): Promise<ReadonlySet<string> | undefined> {
    const request: UserDirectoryRequest = { app: this.app, userIds: [...users] };
    let answer: Uint8Array;
    try {
      answer = await this.parts.bus.ask(this.settings.subject, request, this.#timeoutMs);
    } catch (error) {
      this.parts.onAway(this.#reason(error));
      return undefined;
    }
    const known = readDirectoryAnswer(answer, users);
    if (known === undefined) this.parts.onAway('the answer is too large or has another form');
    return known;
  }
}
