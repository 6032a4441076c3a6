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

/** When anything was heard on a connection, by `performance.now()`; its calls share it. */
export interface Pulse {
  heardAt: number;
}

/**
 * One BatchAppend call, over which appends of a connection go, told apart by their correlation ids.
 *
 * It stands in for the client's own `appendToStream`, whose table of pending appends (6.2.1, batchAppend.js) is one for
 * the module: an error on any client's call rejects and forgets the appends of all, a reply that comes after that
 * throws out of the stream's event handler, a failed write or value that JSON can't hold rejects a promise that nobody
 * holds (each ends the process), and a call that the server ends in good order leaves its appends waiting for ever. Here
 * the table belongs to the call, and every append ends with an outcome within its time.
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
    call.on('data', (reply: BatchAppendResp) => this.#heard(reply));
    call.on('error', (error: Error) => this.#end(error.message));
    call.on('end', () => this.#end('the event store ended the call'));
    call.on('close', () => this.#end('the call was closed'));
  }

  /** Why no more can be sent over this call; undefined while it lives. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * Sends one append; resolves with its outcome, never rejects. `silent` says that nothing at all was heard on the
   * connection since the append was sent: then the connection itself is in doubt, not only this append.
   */
  send(append: AppendCall, timeoutMs = this.timeoutMs): Promise<AppendOutcome & { readonly silent?: boolean }> {
    if (this.#failure !== undefined) return Promise.resolve({ type: 'unknown', reason: this.#failure });
    return new Promise((resolve) => {
      const correlationId = randomUUID();
      const sentAt = performance.now();
      const timer = setTimeout(() => {
        this.#pending.delete(correlationId);
        const reason = `no answer within ${timeoutMs} ms`;
        resolve({ type: 'unknown', reason, silent: this.pulse.heardAt < sentAt });
      }, timeoutMs);
      this.#pending.set(correlationId, { sentAt, timer, settle: resolve });
      this.call.write(appendRequest(correlationId, append));
    });
  }

  /** Ends the call; what is pending has an unknown outcome. */
  close(reason: string): void {
    this.#end(reason);
    this.call.cancel();
  }

  #heard(reply: BatchAppendResp): void {
    this.pulse.heardAt = performance.now();
    const correlationId = correlationIdOf(reply);
    const pending = this.#pending.get(correlationId);
    // A reply after its append timed out: the append is being settled already.
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
