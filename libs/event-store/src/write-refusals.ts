import { setTimeout as sleep } from 'node:timers/promises';
import type { RefusalKind, StoreRefused } from './errors';
import type { EventStoreLog } from './types';

const PROBE_EVERY_MS = 2_000;

/** Refusals that concern more than one append. */
const OF_THE_STORE: ReadonlySet<RefusalKind> = new Set(['full', 'busy', 'denied']);

export interface WriteRefusalsParts {
  /** Tries a write in the place of the refused one. Rejects while the store refuses. */
  readonly probe: (stream: string, kind: RefusalKind) => Promise<unknown>;
  readonly log: EventStoreLog | undefined;
  readonly signal: AbortSignal;
}

/** Whether the server refuses to write at all, such as with a full disk. It tries regularly whether that is over. */
export class WriteRefusals {
  #why: string | undefined;
  #probing = false;

  constructor(private readonly parts: WriteRefusalsParts) {}

  /** Why the server refuses to write; undefined while it writes. */
  get why(): string | undefined {
    return this.#why;
  }

  refused(stream: string, { kind, message }: StoreRefused): void {
    if (!OF_THE_STORE.has(kind)) return;
    if (this.#why === undefined) this.parts.log?.warn({ why: message }, 'the event store refuses to write');
    this.#why = message;
    if (!this.#probing) void this.#probe(stream, kind);
  }

  /** The server has written something. */
  wrote(): void {
    if (this.#why === undefined) return;
    this.#why = undefined;
    this.parts.log?.info({}, 'the event store writes again');
  }

  async #probe(stream: string, kind: RefusalKind): Promise<void> {
    const { probe, signal } = this.parts;
    this.#probing = true;
    for (;;) {
      await sleep(PROBE_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted || this.#why === undefined) break;
      await probe(stream, kind).then(
        () => this.wrote(),
        () => undefined,
      );
    }
    this.#probing = false;
  }
}
