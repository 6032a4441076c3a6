import type { CohortClient } from '@cohort/client';
import { backoff, comparePositions, PAGE, type ExpiryView, type Position } from '@cohort/contracts';
import { eachOf } from '../duty/each-of';
import { ANNOUNCEMENTS, type GroupOfTenant } from './announce';

/** Groups whose ends are announced at the same time. */
const GROUPS_AT_ONCE = 16;
/** Most pages of ends that are over that one look reads: what fails must not hold up what comes after it. */
const MOST_PAGES = 10;
/** Between two commands for the same ends. The first one may have met a command node whose clock is behind. */
const PAUSES = { first: 25, longest: 800 } as const;
const QUERY_TIMEOUT_MS = 5_000;

/** The ends of one kind in one group. */
interface Due {
  readonly group: GroupOfTenant;
  readonly kind: ExpiryView['kind'];
  readonly ids: string[];
}

interface Attempts {
  readonly count: number;
  /** The time of the first one. */
  readonly since: number;
  readonly notBefore: number;
}

export interface TenantEndsOptions {
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  /** Milliseconds since 1970. */
  now(this: void): number;
  onSent(this: void): void;
  /** A query or a command failed, and so have all attempts at it for this many milliseconds. */
  onFailure(this: void, error: unknown, forMs: number): void;
}

/** What ends by itself in one tenant's groups, as one time: the next one at which something may be over. */
export class TenantEnds {
  /** Milliseconds since 1970; Infinity while nothing ends. */
  next = 0;
  private readonly attempts = new Map<string, Attempts>();
  private failures = 0;
  private failingSince: number | undefined;

  constructor(
    private readonly app: string,
    /** The list of ends counts only if it was read at or after this position. */
    private after: Position,
    private readonly options: TenantEndsOptions,
  ) {}

  /** An event at this position has begun something that ends then. */
  begun(end: number, position: Position): void {
    this.next = Math.min(this.next, end);
    this.reached(position);
  }

  /** Announces what is over by now, and finds the next end. Never rejects. */
  async look(): Promise<void> {
    const { now, onFailure } = this.options;
    // Events that come meanwhile bring it forward again.
    this.next = Infinity;
    try {
      await this.announce(await this.due());
      this.failures = 0;
      this.failingSince = undefined;
    } catch (error) {
      this.failingSince ??= now();
      onFailure(error, now() - this.failingSince);
      this.failures += 1;
      this.comesAt(now() + backoff(this.failures, PAUSES));
    }
  }

  /** What is over by now, by group and kind. The first end that isn't is the next one. */
  private async due(): Promise<Due[]> {
    const { client, now } = this.options;
    const due = new Map<string, Due>();
    let cursor: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const asked = {
        app: this.app,
        limit: PAGE.maxLimit,
        ...(cursor === undefined ? { after: this.after } : { cursor }),
      };
      const page = await client.query('expiries', asked, { timeoutMs: QUERY_TIMEOUT_MS });
      const time = now();
      for (const { groupId, kind, id, endsAt } of page.expiries) {
        const end = Date.parse(endsAt);
        if (end > time) {
          this.comesAt(end);
          return [...due.values()];
        }
        const key = JSON.stringify([groupId, kind]);
        const known = due.get(key);
        if (known) known.ids.push(id);
        else due.set(key, { group: { app: this.app, groupId }, kind, ids: [id] });
      }
      ({ cursor } = page);
      if (cursor === undefined) return [...due.values()];
    }
    return [...due.values()];
  }

  private async announce(due: readonly Due[]): Promise<void> {
    const { now } = this.options;
    const keyed = due.map((one) => ({ ...one, key: JSON.stringify([one.group.groupId, one.kind]) }));
    const keys = new Set(keyed.map(({ key }) => key));
    for (const key of this.attempts.keys()) if (!keys.has(key)) this.attempts.delete(key);
    const ready = keyed.filter(({ key }) => (this.attempts.get(key)?.notBefore ?? 0) <= now());
    await eachOf(ready, GROUPS_AT_ONCE, async (one) => {
      const { count: before = 0, since = now() } = this.attempts.get(one.key) ?? {};
      const count = before + 1;
      await this.send(one, since);
      this.attempts.set(one.key, { count, since, notBefore: now() + backoff(count, PAUSES) });
    });
    // Whether all of it was announced is seen on the list: again at once for what was sent first, else after its pause.
    if (ready.some(({ key }) => this.attempts.get(key)?.count === 1)) this.comesAt(now());
    else for (const { notBefore } of this.attempts.values()) this.comesAt(notBefore);
  }

  /** A failed command is sent again, as its ends stay on the list. */
  private async send({ group, kind, ids }: Due, since: number): Promise<void> {
    const { client, now, onSent, onFailure } = this.options;
    const { atOnce, send } = ANNOUNCEMENTS[kind];
    for (let from = 0; from < ids.length; from += atOnce) {
      try {
        const { position } = await send(client, group, ids.slice(from, from + atOnce));
        onSent();
        this.reached(position);
      } catch (error) {
        onFailure(error, now() - since);
      }
    }
  }

  private comesAt(time: number): void {
    this.next = Math.min(this.next, time);
  }

  private reached(position: Position): void {
    if (comparePositions(position, this.after) > 0) this.after = position;
  }
}
