import type { Role } from '@cohort/contracts';
import { LRUCache } from 'lru-cache';

/** A user's role in a group; null: not a member. */
export type Membership = Role | null;

/**
 * Answers of `isMember` by group stream and user, so that a hot query reads no file. Every commit updates it, so that it
 * never differs from the file. The number of entries is bounded; the groups that were asked for longest ago go first.
 */
export class MembershipCache {
  private entries = 0;
  private readonly groups: LRUCache<string, Map<string, Membership>>;

  constructor(private readonly maxEntries: number) {
    this.groups = new LRUCache({ max: maxEntries, dispose: (users) => void (this.entries -= users.size) });
  }

  get size(): number {
    return this.entries;
  }

  get(stream: string, user: string): Membership | undefined {
    return this.groups.get(stream)?.get(user);
  }

  /** Whether it has answers about this group, so that a change of the group's members matters here. */
  has(stream: string): boolean {
    return this.groups.has(stream);
  }

  remember(stream: string, user: string, membership: Membership): void {
    let users = this.groups.get(stream);
    if (users === undefined) this.groups.set(stream, (users = new Map()));
    if (!users.has(user)) this.entries += 1;
    users.set(user, membership);
    while (this.entries > this.maxEntries) this.groups.pop();
  }

  /** Updates the answer about a user, if there is one. */
  update(stream: string, user: string, membership: Membership): void {
    const users = this.groups.peek(stream);
    if (users?.has(user)) users.set(user, membership);
  }

  forget(stream: string): void {
    this.groups.delete(stream);
  }
}
