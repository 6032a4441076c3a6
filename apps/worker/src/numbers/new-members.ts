import { ownNumber, type GroupEvent, type Position } from '@cohort/contracts';
import { LRUCache } from 'lru-cache';

/** A user who became a member, and may have no number yet. */
export interface NewMember {
  readonly app: string;
  readonly userId: string;
  /** Following the log from here reads the event again. */
  readonly since: Position;
}

/** Users remembered as queued, so that a user of many groups is asked about once. */
const REMEMBERED = 50_000;

/** Users who wait for their numbers, in the order of the log. */
export class NewMembers {
  private waiting: NewMember[] = [];
  private readonly queued = new LRUCache<string, true>({ max: REMEMBERED });
  private changed: (() => void)[] = [];

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  get size(): number {
    return this.waiting.length;
  }

  /** Following the log from this position reads all waiting users again; undefined if there are none. */
  get since(): Position | undefined {
    return this.waiting[0]?.since;
  }

  /** Queues the users of an event who have no number by their ids. */
  add(app: string, event: Pick<GroupEvent, 'type' | 'data'>, since: Position): void {
    for (const userId of usersOf(event)) {
      if (ownNumber(userId) !== undefined) continue;
      const key = `${app}/${userId}`;
      if (this.queued.get(key)) continue;
      this.queued.set(key, true);
      this.waiting.push({ app, userId, since });
    }
    this.wake();
  }

  /** The first users, all of one tenant. They wait until they are `done`. */
  first(most: number): readonly NewMember[] {
    const app = this.waiting[0]?.app;
    const some = this.waiting.slice(0, most);
    const other = some.findIndex((one) => one.app !== app);
    return other < 0 ? some : some.slice(0, other);
  }

  /** The first users have their numbers. */
  done(count: number): void {
    this.waiting = this.waiting.slice(count);
    this.wake();
  }

  /** Resolves when the condition may hold: something was queued or done, or the duty stops. */
  change(): Promise<void> {
    return new Promise((resolve) => this.changed.push(resolve));
  }

  private wake(): void {
    const resolves = this.changed;
    this.changed = [];
    resolves.forEach((resolve) => resolve());
  }
}

/** The users whom an event makes members. An owner may have been none before the transfer. */
function usersOf({ type, data }: Pick<GroupEvent, 'type' | 'data'>): readonly string[] {
  if (type === 'created' && 'owner' in data) return [data.owner];
  if (type === 'ownerTransferred' && 'to' in data) return [data.to];
  const adds = type === 'memberJoined' || type === 'membersImported';
  return adds && 'members' in data ? data.members.map(({ userId }) => userId) : [];
}
