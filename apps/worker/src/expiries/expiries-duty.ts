import type { CohortClient } from '@cohort/client';
import { GROUP_EVENTS, GROUP_STREAM_PREFIX, readStored, type Position } from '@cohort/contracts';
import type { EventStore, EventStoreLog, StoredEvent } from '@cohort/event-store';
import type { Apps, FollowerWatch } from '@cohort/process';
import { DutyLoop } from '../duty/duty-loop';
import { TenantEnds } from './tenant-ends';

/** How the duty's loop works. */
const LOOP = { duty: 'expiries', pauses: { first: 100, longest: 1_000 }, stopWithinMs: 2_000 } as const;
const PREFIXES = [GROUP_STREAM_PREFIX];
/** Fields of events with the time at which what they begin ends by itself. */
const ENDS = ['until', 'expiresAt'] as const;
/** The types of events that have one, and the end of an import, in which there may have been some. */
export const ENDING_TYPES = [
  'importCompleted',
  ...Object.entries(GROUP_EVENTS).flatMap(([type, { shape }]) =>
    ENDS.some((field) => shape.declares(field)) ? [type] : [],
  ),
];
/** Tenants whose ends are announced at the same time. */
const TENANTS_AT_ONCE = 8;
/** Longest sleep, in milliseconds: the clock may be set meanwhile. */
const LONGEST_SLEEP_MS = 10_000;

export interface ExpiriesOptions {
  readonly store: Pick<EventStore, 'head' | 'follow'>;
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  readonly apps: Apps;
  readonly log: EventStoreLog;
  readonly subscription: FollowerWatch;
  onSent(this: void): void;
  /** See `TenantEndsOptions`. */
  onFailure(this: void, error: unknown, forMs: number): void;
}

/** Announces what ends by itself in groups, such as timed bans (docs/decisions/0029-expiries.md). */
export class ExpiriesDuty extends DutyLoop {
  private tenants = new Map<string, TenantEnds>();
  private wake: () => void = () => undefined;

  constructor(private readonly options: ExpiriesOptions) {
    super({ ...LOOP, log: options.log });
  }

  protected override async run(): Promise<void> {
    const { store, client, apps, subscription, onSent, onFailure } = this.options;
    // 1. Everything before the log's end is on the lists. Query nodes reach this position: they follow these streams, too.
    const from = await store.head(PREFIXES);
    const ends = { client, now: Date.now, onSent, onFailure };
    this.tenants = new Map(apps.all.map(({ id }) => [id, new TenantEnds(id, from, ends)]));
    this.goesOn();
    // 2. Everything after it is followed, 3. and announced when it is over.
    await Promise.all([
      store.follow({
        from,
        prefixes: PREFIXES,
        types: ENDING_TYPES,
        onBatch: (events) => this.notice(events),
        ...subscription,
        signal: this.signal,
      }),
      this.announce(),
    ]);
  }

  private notice(events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      const reading = readStored(event);
      if (reading.kind !== 'usable') continue;
      const end = endIn(event);
      if (end !== undefined) this.begun(reading.owner.app, end, event.position);
    }
    return Promise.resolve();
  }

  private begun(app: string, end: number, position: Position): void {
    this.tenants.get(app)?.begun(end, position);
    this.wake();
  }

  /** A tenant whose query nodes are slow holds up no other tenant. */
  private async announce(): Promise<void> {
    const idle = new Set(this.tenants.values());
    const looks = new Set<Promise<void>>();
    while (!this.signal.aborted) {
      const now = Date.now();
      for (const tenant of idle) {
        if (looks.size === TENANTS_AT_ONCE) break;
        if (tenant.next > now) continue;
        idle.delete(tenant);
        const look = tenant.look().then(() => {
          looks.delete(look);
          idle.add(tenant);
          this.wake();
        });
        looks.add(look);
      }
      const isFull = looks.size === TENANTS_AT_ONCE;
      await this.sleepUntil(isFull ? Infinity : [...idle].reduce((first, { next }) => Math.min(first, next), Infinity));
    }
    await Promise.all(looks);
  }

  /** Until then, or until an event brings an end forward, or the stop. */
  private sleepUntil(time: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', done);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(time - Date.now(), 0), LONGEST_SLEEP_MS));
      this.wake = done;
      this.signal.addEventListener('abort', done);
      if (this.signal.aborted) done();
    });
  }
}

/**
 * When what the event begins ends by itself, in milliseconds since 1970. What was imported counts from the end of the import
 * on, and some of it may be over.
 */
function endIn({ type, data }: Pick<StoredEvent, 'type' | 'data'>): number | undefined {
  if (type === 'importCompleted') return 0;
  const { until, expiresAt } = data as { readonly until?: unknown; readonly expiresAt?: unknown };
  const end = until ?? expiresAt;
  return typeof end === 'string' ? Date.parse(end) : undefined;
}
