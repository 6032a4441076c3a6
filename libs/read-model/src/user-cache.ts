import { LRUCache } from 'lru-cache';

/**
 * Facts about users in groups, by group stream and user, so that a hot query reads no file. Every commit updates it, so
 * that it never differs from the file. The number of entries is bounded; the groups that were asked for longest ago go
 * first.
 */
export class UserCache<V extends object | string | null> {
  private entries = 0;
  private readonly groups: LRUCache<string, Map<string, V>>;

  constructor(private readonly maxEntries: number) {
    this.groups = new LRUCache({ max: maxEntries, dispose: (users) => void (this.entries -= users.size) });
  }

  get size(): number {
    return this.entries;
  }

  get(stream: string, user: string): V | undefined {
    return this.groups.get(stream)?.get(user);
  }

  /** Whether it has answers about this group, so that a change of the group's members matters here. */
  has(stream: string): boolean {
    return this.groups.has(stream);
  }

  remember(stream: string, user: string, value: V): void {
    let users = this.groups.get(stream);
    if (users === undefined) this.groups.set(stream, (users = new Map<string, V>()));
    if (!users.has(user)) this.entries += 1;
    users.set(user, value);
    while (this.entries > this.maxEntries) this.groups.pop();
  }

  /** Updates the answer about a user, if there is one. */
  update(stream: string, user: string, value: V): void {
    const users = this.groups.peek(stream);
    if (users?.has(user)) users.set(user, value);
  }

  /** Drops the answer about a user, so that the next query reads it anew. */
  drop(stream: string, user: string): void {
    if (this.groups.peek(stream)?.delete(user)) this.entries -= 1;
  }

  forget(stream: string): void {
    this.groups.delete(stream);
  }
}
