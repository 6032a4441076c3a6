import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import type { Readiness } from './readiness';

/** The parts of a stored event by which an operator finds it. */
export interface StoredPlace {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly type: string;
}

/**
 * Stored events that this process set aside, because no build of this service writes such events. They are counted by reader
 * and logged, and readiness reports them as degraded.
 */
export class SetAside {
  private readonly logger: Pick<Logger, 'warn'>;
  private readonly counter: Counter<'reader'>;
  private count = 0;
  private last: { readonly position: string; readonly why: string } | undefined;

  /** @param readers the parts of this process that read stored events */
  constructor(
    context: { readonly metrics: Registry; readonly readiness: Readiness; readonly logger: Pick<Logger, 'warn'> },
    readers: readonly string[],
  ) {
    this.logger = context.logger;
    this.counter = new Counter({
      name: 'cohort_events_set_aside_total',
      help: 'Stored events that this process set aside because no build of the service writes such events, by reader.',
      labelNames: ['reader'],
      registers: [context.metrics],
    });
    for (const reader of readers) this.counter.inc({ reader }, 0);
    context.readiness.add('stored events', () => this.inWords, { degraded: true });
  }

  /** Counts and logs an event. `why` is the reason, as a sentence without its subject. */
  add(reader: string, { stream, revision, position, type }: StoredPlace, why: string): void {
    this.counter.inc({ reader });
    this.count += 1;
    this.last = { position, why };
    const shown = { reader, stream: stream.slice(0, 200), revision, position, type: type.slice(0, 64), why };
    this.logger.warn(shown, 'a stored event was set aside: no build of this service writes such events');
  }

  private get inWords(): string | undefined {
    if (this.last === undefined) return undefined;
    const { position, why } = this.last;
    return `${this.count} stored event(s) were set aside since the start, the last at position ${position}: ${why}. See "Streams" in docs/operations.md.`;
  }
}
