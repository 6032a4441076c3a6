import type {
  Metadata,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedServiceImplementation,
  sendUnaryData,
} from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { identify, type Credentials } from './authentication';
import type { Expected, Outcome, ProposedEvent } from './model';
import type { Reader, Sink } from './reader';
import {
  MAX_APPEND_SIZE,
  StatusError,
  accessDenied,
  appendTooLarge,
  handlerFailed,
  shuttingDown,
  streamDeleted,
  unauthenticated,
  wrongExpectedVersion,
} from './status';
import {
  appendSize,
  fromBatchOptions,
  fromBatchPart,
  fromProposed,
  fromReadRequest,
  fromWriteOptions,
  toAppended,
  toBatchAppended,
  toBatchFailed,
  toBatchRefused,
  toDeleted,
  toTombstoned,
  toWrongExpectedVersion,
  type AppendReq,
  type BatchAppendReq,
  type BatchPart,
  type BatchRefusal,
  type DeleteReq,
  type Encoded,
  type ReadReq,
  type TombstoneReq,
} from './wire';
import type { Writer } from './writer';

/** Logs an unexpected error. The caller gets only a general message. */
export type ReportFault = (error: unknown) => void;

/** A batch append whose parts are still arriving. */
interface OpenBatch {
  correlationId: BatchPart['correlationId'];
  stream: string;
  expected: Expected;
  deadline: number | undefined;
  events: ProposedEvent[];
  size: number;
  /** Rejects the batch when its parts don't arrive in time. */
  timer?: NodeJS.Timeout;
}

/** The gRPC service Streams. It passes calls to the writer and the reader. */
export class StreamsServer {
  /** Functions that end the calls without an end of their own. */
  private readonly endless = new Set<() => void>();

  constructor(
    private readonly writer: Writer,
    private readonly reader: Reader,
    private readonly credentials: Credentials | undefined,
    private readonly reportFault: ReportFault,
  ) {}

  readonly handlers: UntypedServiceImplementation = {
    append: (call: ServerReadableStream<AppendReq, Encoded>, reply: sendUnaryData<Encoded>) => this.append(call, reply),
    batchAppend: (call: ServerDuplexStream<BatchAppendReq, Encoded>) => this.batchAppend(call),
    delete: (call: ServerUnaryCall<DeleteReq, Encoded>, reply: sendUnaryData<Encoded>) =>
      void this.answer(reply, async () => {
        this.authorize(call.metadata);
        return toDeleted(await this.remove('delete', fromWriteOptions(call.request.getOptions())));
      }),
    tombstone: (call: ServerUnaryCall<TombstoneReq, Encoded>, reply: sendUnaryData<Encoded>) =>
      void this.answer(reply, async () => {
        this.authorize(call.metadata);
        return toTombstoned(await this.remove('tombstone', fromWriteOptions(call.request.getOptions())));
      }),
    read: (call: ServerWritableStream<ReadReq, Encoded>) => void this.read(call),
  };

  /** Ends subscriptions and batch appends, which have no end of their own. */
  endAll(): void {
    this.endless.forEach((end) => end());
  }

  private append(call: ServerReadableStream<AppendReq, Encoded>, reply: sendUnaryData<Encoded>): void {
    let target: { stream: string; expected: Expected } | undefined;
    const events: ProposedEvent[] = [];
    let size = 0;
    let failed = false;
    const fail = (error: unknown) => {
      if (failed) return;
      failed = true;
      void this.answer(reply, () => Promise.reject(error as Error));
    };
    call.on('error', fail);
    call.on('data', (request: AppendReq) => {
      if (failed) return;
      try {
        if (!target) this.authorize(call.metadata);
        const message = request.getProposedMessage();
        if (request.hasOptions()) target = fromWriteOptions(request.getOptions());
        if (!message) return;
        const event = fromProposed(message);
        size += appendSize(event);
        if (size > MAX_APPEND_SIZE) throw appendTooLarge();
        events.push(event);
      } catch (error) {
        fail(error);
      }
    });
    call.on('end', () => {
      if (failed || call.cancelled) return;
      void this.answer(reply, async () => {
        if (!target) throw handlerFailed();
        const { stream, expected } = target;
        const outcome = await this.writer.submit({
          kind: 'append',
          stream,
          expected,
          events,
          deadline: deadlineOf(call),
        });
        switch (outcome.kind) {
          case 'success':
            return toAppended(outcome);
          case 'wrongExpectedVersion':
            return toWrongExpectedVersion(expected, outcome.current);
          case 'streamDeleted':
            throw streamDeleted(stream);
          case 'timeout':
            throw new StatusError(status.DEADLINE_EXCEEDED, 'The deadline passed before the append was written.');
        }
      });
    });
  }

  private async remove(kind: 'delete' | 'tombstone', target: { stream: string; expected: Expected }): Promise<number> {
    const { stream, expected } = target;
    const outcome = await this.writer.submit({ kind, stream, expected });
    switch (outcome.kind) {
      case 'success':
        return outcome.position;
      case 'wrongExpectedVersion':
        throw wrongExpectedVersion(stream, expected, outcome.current);
      case 'streamDeleted':
        throw streamDeleted(stream);
      case 'timeout':
        throw handlerFailed();
    }
  }

  private batchAppend(call: ServerDuplexStream<BatchAppendReq, Encoded>): void {
    const open = new Map<string, OpenBatch>();
    let ended = false;
    const forget = (key: string) => {
      clearTimeout(open.get(key)?.timer);
      open.delete(key);
    };
    const end = (error?: StatusError) => {
      if (ended) return;
      ended = true;
      this.endless.delete(stop);
      for (const key of open.keys()) forget(key);
      if (error) call.emit('error', error);
    };
    const stop = () => end(shuttingDown());
    const send = (response: Encoded) => {
      if (ended || call.cancelled) return;
      // Backpressure: while a caller doesn't read its replies, its requests aren't read.
      if (!call.write(response) && !call.isPaused()) {
        call.pause();
        call.once('drain', () => call.resume());
      }
    };
    const take = (request: BatchAppendReq) => {
      const { key, part } = fromBatchPart(request);
      const options = part.options && fromBatchOptions(part.options);
      let batch = open.get(key);
      // A rejected batch is answered immediately. Its later parts belong to an unknown batch, and are ignored.
      const refuse = (refusal: BatchRefusal) => {
        forget(key);
        send(toBatchRefused(part.correlationId, batch?.stream ?? options?.stream ?? '', refusal));
      };
      if (!batch) {
        if (!options) return;
        const { stream, expected, deadline } = options;
        if (this.isAnonymous(call.metadata)) return refuse({ kind: 'accessDenied' });
        if (deadline !== undefined && deadline <= Date.now()) return refuse({ kind: 'timeout' });
        if (!expected) return refuse({ kind: 'badRequest', message: 'An expected stream position is required.' });
        batch = { correlationId: part.correlationId, stream, expected, deadline, events: [], size: 0 };
      }
      const refusal = addMessages(batch, part.messages);
      if (refusal) return refuse(refusal);
      if (part.isFinal) {
        forget(key);
        void this.finishBatch(batch, send);
      } else if (!open.has(key)) {
        open.set(key, batch);
        const left = Math.min(MAX_BATCH_MS, (batch.deadline ?? Infinity) - Date.now());
        batch.timer = setTimeout(() => refuse({ kind: 'timeout' }), left);
      }
    };
    this.endless.add(stop);
    call.on('cancelled', () => end());
    call.on('error', () => end());
    call.on('data', (request: BatchAppendReq) => {
      if (ended) return;
      try {
        take(request);
      } catch (error) {
        end(this.toStatus(error));
      }
    });
    // As on a real server, the end of the caller's side doesn't end the call: replies may still be pending.
  }

  private async finishBatch(
    { correlationId, stream, expected, deadline, events }: OpenBatch,
    send: (response: Encoded) => void,
  ): Promise<void> {
    try {
      const outcome = await this.writer.submit({ kind: 'append', stream, expected, events, deadline });
      send(
        outcome.kind === 'success'
          ? toBatchAppended(correlationId, stream, outcome)
          : toBatchRefused(correlationId, stream, refusalOf(outcome, expected)),
      );
    } catch (error) {
      const { code, details } = this.toStatus(error);
      send(toBatchFailed(correlationId, stream, code, details));
    }
  }

  private async read(call: ServerWritableStream<ReadReq, Encoded>): Promise<void> {
    const sink = new CallSink(call);
    const stop = () => sink.close(shuttingDown());
    this.endless.add(stop);
    try {
      this.authorize(call.metadata);
      await this.reader.read(fromReadRequest(call.request), sink);
      if (!sink.closed) call.end();
    } catch (error) {
      sink.close(this.toStatus(error));
    } finally {
      this.endless.delete(stop);
    }
  }

  private authorize(metadata: Metadata): void {
    if (this.isAnonymous(metadata)) throw accessDenied();
  }

  /**
   * Whether a call lacks required credentials.
   *
   * @throws StatusError UNAUTHENTICATED: the credentials are wrong
   */
  private isAnonymous(metadata: Metadata): boolean {
    const identity = identify(metadata, this.credentials);
    if (identity === 'wrong') throw unauthenticated();
    return identity === 'anonymous';
  }

  private async answer<Response>(reply: sendUnaryData<Response>, work: () => Promise<Response>): Promise<void> {
    try {
      reply(null, await work());
    } catch (error) {
      reply(this.toStatus(error));
    }
  }

  private toStatus(error: unknown): StatusError {
    if (error instanceof StatusError) return error;
    this.reportFault(error);
    return wroteNothing(error)
      ? new StatusError(
          status.RESOURCE_EXHAUSTED,
          `The disk of the event store failed (${error.message}); nothing was written.`,
        )
      : handlerFailed();
  }
}

/** Sends the responses of one read, with backpressure. */
class CallSink implements Sink {
  closed = false;
  private wake: (() => void) | undefined;

  constructor(private readonly call: ServerWritableStream<ReadReq, Encoded>) {
    call.on('cancelled', () => this.close());
    call.on('error', () => this.close());
  }

  send(response: Encoded): Promise<void> | undefined {
    if (this.closed || this.call.write(response)) return undefined;
    return new Promise((resolve) => {
      this.call.once('drain', resolve);
      this.wake = resolve;
    });
  }

  onClose(wake: () => void): void {
    this.wake = wake;
    if (this.closed) wake();
  }

  close(error?: StatusError): void {
    if (this.closed) return;
    this.closed = true;
    if (error) this.call.emit('error', error);
    this.wake?.();
  }
}

/** A batch append waits at most this long for its parts. */
const MAX_BATCH_MS = 60_000;

const addMessages = (batch: OpenBatch, messages: BatchPart['messages']): BatchRefusal | undefined => {
  for (const message of messages) {
    try {
      const event = fromProposed(message);
      batch.size += appendSize(event);
      batch.events.push(event);
    } catch (error) {
      return { kind: 'badRequest', message: error instanceof StatusError ? error.details : 'A message is malformed.' };
    }
    if (batch.size > MAX_APPEND_SIZE) return { kind: 'tooLarge' };
  }
  return undefined;
};

const refusalOf = (outcome: Exclude<Outcome, { kind: 'success' }>, expected: Expected): BatchRefusal =>
  outcome.kind === 'wrongExpectedVersion' ? { ...outcome, expected } : outcome;

const deadlineOf = (call: ServerReadableStream<AppendReq, Encoded>): number | undefined => {
  const deadline = new Date(call.getDeadline()).getTime();
  return Number.isFinite(deadline) ? deadline : undefined;
};

/**
 * Errors of the disk after which SQLite has undone the whole transaction. After a failed flush it isn't certain: the bytes may
 * be there after a crash.
 */
const WROTE_NOTHING = /^SQLITE_(FULL|NOMEM|READONLY|CORRUPT|IOERR_(?!(DIR_)?FSYNC$))/;

const wroteNothing = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && WROTE_NOTHING.test(String(error.code));
