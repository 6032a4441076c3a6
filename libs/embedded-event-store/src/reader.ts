import { randomUUID } from 'node:crypto';
import { Checkpoints } from './checkpoints';
import { matches, type Filter } from './filter';
import type { EventLog } from './log';
import type { Direction, LogPosition, RecordedEvent } from './model';
import type { Signals } from './signals';
import { consumerTooSlow, streamDeleted, unexpectedRead } from './status';
import {
  toCaughtUp,
  toCheckpoint,
  toConfirmation,
  toLastStreamPosition,
  toReadEvent,
  toStreamNotFound,
  type LogFrom,
  type ReadOptions,
  type Encoded,
  type StreamFrom,
} from './wire';
import { WHOLE_LOG } from './writer';

/** The receiver of one read's responses. */
export interface Sink {
  /** Sends a response. Returns undefined, or a promise that resolves once more can be sent (backpressure). */
  send(response: Encoded): Promise<void> | undefined;
  /** Whether the call has ended. */
  readonly closed: boolean;
  /** Calls `wake` when the call ends. Only the latest callback is kept. */
  onClose(wake: () => void): void;
}

/** Answers Read calls: plain reads, and subscriptions, which wait at the end for new events. */
export class Reader {
  constructor(
    private readonly log: EventLog,
    private readonly signals: Signals,
    /** A live subscriber for which there are more events than this at once is dropped. */
    private readonly liveBuffer = Infinity,
  ) {}

  async read(options: ReadOptions, sink: Sink): Promise<void> {
    const { source, extent } = options;
    const toResponse = (event: RecordedEvent) => toReadEvent(event, options.structuredIds);
    if (extent.kind === 'subscription') {
      await sink.send(toConfirmation(randomUUID()));
      return source.kind === 'stream'
        ? this.followStream(source.stream, source.from, toResponse, sink)
        : this.followLog(source.from, source.filter, toResponse, sink);
    }
    if (extent.count === 0) throw unexpectedRead(source.kind === 'stream' ? 'Stream' : 'All');
    return source.kind === 'stream'
      ? this.readStream(source.stream, source.from, options, extent.count, toResponse, sink)
      : this.readLog(source.from, source.filter, options.direction, extent.count, toResponse, sink);
  }

  private async readStream(
    stream: string,
    from: StreamFrom,
    { direction, tellLastPosition }: ReadOptions,
    count: number,
    toResponse: (event: RecordedEvent) => Encoded,
    sink: Sink,
  ): Promise<void> {
    const standing = this.log.standing(stream);
    if (standing === 'tombstoned') throw streamDeleted(stream);
    if (standing === 'missing') {
      await sink.send(toStreamNotFound(stream));
      return;
    }
    const step = direction === 'forwards' ? 1 : -1;
    const head = this.log.head(stream);
    // From the end, a read forwards returns nothing, and a read backwards returns all events.
    let next = from === 'start' ? 0 : from === 'end' ? head + (step > 0 ? 1 : 0) : from;
    let left = count;
    while (left > 0 && next >= 0 && !sink.closed) {
      const page = this.log.readStream(stream, next, direction, left);
      const last = page.at(-1);
      if (!last) break;
      for (const event of page) await sink.send(toResponse(event));
      left -= page.length;
      next = last.revision + step;
    }
    if (tellLastPosition) await sink.send(toLastStreamPosition(head));
  }

  private async readLog(
    from: LogFrom,
    filter: Filter | undefined,
    direction: Direction,
    count: number,
    toResponse: (event: RecordedEvent) => Encoded,
    sink: Sink,
  ): Promise<void> {
    if (typeof from === 'object' && !this.log.isRecordStart(from)) throw unexpectedRead('All');
    const step = direction === 'forwards' ? 1 : 0;
    let next = from === 'start' ? 0 : from === 'end' ? this.log.lastPosition + 1 : from.commit;
    let left = count;
    while (left > 0 && !sink.closed) {
      const page = this.page(next, filter, direction, left);
      const last = page.at(-1);
      if (!last) return;
      for (const { event: find } of page) {
        const event = left > 0 ? find() : undefined;
        if (!event) continue;
        left--;
        await sink.send(toResponse(event));
      }
      next = last.position + step;
      await breathe();
    }
  }

  private async followStream(
    stream: string,
    from: StreamFrom,
    toResponse: (event: RecordedEvent) => Encoded,
    sink: Sink,
  ): Promise<void> {
    let next = from === 'start' ? 0 : from === 'end' ? this.log.head(stream) + 1 : from + 1;
    // A subscription to a missing stream reports that it has caught up only after the first event.
    let sawStream = from === 'end' || this.log.standing(stream) === 'live';
    let caughtUp = false;
    while (!sink.closed) {
      if (this.log.standing(stream) === 'tombstoned') throw streamDeleted(stream);
      const page = this.log.readStream(stream, next, 'forwards', Number.MAX_SAFE_INTEGER);
      for (const [i, event] of page.entries()) {
        if (caughtUp && i >= this.liveBuffer) throw consumerTooSlow();
        await sink.send(toResponse(event));
      }
      const last = page.at(-1);
      if (last) {
        next = last.revision + 1;
        sawStream = true;
        continue;
      }
      if (sawStream && !caughtUp) {
        caughtUp = true;
        await sink.send(toCaughtUp());
        continue;
      }
      await this.sleep(stream, sink);
    }
  }

  private async followLog(
    from: LogFrom,
    filter: Filter | undefined,
    toResponse: (event: RecordedEvent) => Encoded,
    sink: Sink,
  ): Promise<void> {
    const start = this.startOf(from);
    const checkpoints = filter && new Checkpoints(filter, start);
    let next = start.prepare < start.commit ? start.commit : start.commit + 1;
    let caughtUp = false;
    while (!sink.closed) {
      const page = this.page(next, filter, 'forwards', Number.MAX_SAFE_INTEGER);
      let matching = 0;
      for (const { position, event: find } of page) {
        const event = find();
        if (event && caughtUp && ++matching > this.liveBuffer) throw consumerTooSlow();
        if (event) await sink.send(toResponse(event));
        const due = checkpoints?.consider(position, event !== undefined);
        if (due) await sink.send(toCheckpoint(due));
      }
      const last = page.at(-1);
      if (last) {
        next = last.position + 1;
        await breathe();
        continue;
      }
      if (!caughtUp) {
        caughtUp = true;
        const due = checkpoints?.caughtUp();
        if (due) await sink.send(toCheckpoint(due));
        await sink.send(toCaughtUp());
        continue;
      }
      await this.sleep(WHOLE_LOG, sink);
    }
  }

  /**
   * Returns a page of positions. `event` returns the event at the position, or undefined if the filter doesn't match. With
   * a filter, events are fetched one by one, so that a page needs the same memory for large events.
   */
  private page(
    position: number,
    filter: Filter | undefined,
    direction: Direction,
    limit: number,
  ): { position: number; event: () => RecordedEvent | undefined }[] {
    if (!filter)
      return this.log
        .readAll(position, direction, limit)
        .map((event) => ({ position: event.position, event: () => event }));
    return this.log.scan(position, direction).map((scanned) => ({
      position: scanned.position,
      event: () => (matches(filter, scanned) ? this.log.eventAt(scanned.position) : undefined),
    }));
  }

  private startOf(from: LogFrom): LogPosition {
    if (from === 'start') return { commit: 0, prepare: 0 };
    if (from !== 'end') return from;
    const last = this.log.lastPosition;
    return { commit: last, prepare: last };
  }

  private sleep(key: string, sink: Sink): Promise<void> {
    return new Promise((wake) => {
      const cancel = this.signals.once(key, wake);
      sink.onClose(() => {
        cancel();
        wake();
      });
    });
  }
}

/** Yields between two pages, so that a reader with few matches doesn't block other calls. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
