import { randomUUID } from 'node:crypto';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import {
  appendRequest,
  appendOutcome,
  correlationIdOf,
  type AppendCall,
  type AppendOutcome,
  type BatchAppendReq,
  type BatchAppendResp,
} from './wire';

interface Pending {
  readonly sentAt: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (outcome: AppendOutcome) => void;
}

/** When the last reply arrived on a connection, by `performance.now()`. All calls of the connection share it. */
export interface Pulse {
  lastReplyAt: number;
}

/**
 * One BatchAppend call. It carries many appends, matched to their replies by correlation ids. Every append ends with an
 * outcome within its time.
 *
 * It replaces the client's own `appendToStream` (6.2.1, batchAppend.js), which keeps one table of pending appends for the
 * whole module and has these defects:
 *
 * - An error on one client's call rejects and forgets the appends of all clients.
 * - A reply that arrives after such an error throws in an event handler, which ends the process.
 * - A failed write, or a value that JSON can't represent, rejects a promise without a handler, which ends the process.
 * - If the server ends the call without an error, its appends never settle.
 */
export class AppendStream {
  readonly #pending = new Map<string, Pending>();
  #failure: string | undefined;

  constructor(
    private readonly call: ClientDuplexStream<BatchAppendReq, BatchAppendResp>,
    private readonly timeoutMs: number,
    private readonly pulse: Pulse,
    private readonly onEnd: (reason: string) => void,
  ) {
    call.on('data', (reply: BatchAppendResp) => this.#replied(reply));
    call.on('error', (error: Error) => this.#end(error.message));
    call.on('end', () => this.#end('the event store ended the call'));
    call.on('close', () => this.#end('the call was closed'));
  }

  /** Why this call has ended; undefined while it can carry appends. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * Sends one append and resolves with its outcome. Never rejects. `silent` is true if no reply at all arrived on the
   * connection since the append was sent. Then the connection itself is in doubt, not only this append.
   */
  send(append: AppendCall, timeoutMs = this.timeoutMs): Promise<AppendOutcome & { readonly silent?: boolean }> {
    if (this.#failure !== undefined) return Promise.resolve({ type: 'unknown', reason: this.#failure });
    return new Promise((resolve) => {
      const correlationId = randomUUID();
      const sentAt = performance.now();
      const timer = setTimeout(() => {
        this.#pending.delete(correlationId);
        const reason = `no answer within ${timeoutMs} ms`;
        resolve({ type: 'unknown', reason, silent: this.pulse.lastReplyAt < sentAt });
      }, timeoutMs);
      this.#pending.set(correlationId, { sentAt, timer, settle: resolve });
      this.call.write(appendRequest(correlationId, append));
    });
  }

  /** Ends the call. Pending appends get an unknown outcome. */
  close(reason: string): void {
    this.#end(reason);
    this.call.cancel();
  }

  #replied(reply: BatchAppendResp): void {
    this.pulse.lastReplyAt = performance.now();
    const correlationId = correlationIdOf(reply);
    const pending = this.#pending.get(correlationId);
    // The append has timed out, and the store is already settling it.
    if (!pending) return;
    this.#pending.delete(correlationId);
    clearTimeout(pending.timer);
    pending.settle(appendOutcome(reply));
  }

  #end(reason: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    for (const { timer, settle } of this.#pending.values()) {
      clearTimeout(timer);
      settle({ type: 'unknown', reason });
    }
    this.#pending.clear();
    this.onEnd(reason);
  }
}
