/** Wakes readers that wait for new events, in one stream or in the whole log. */
export class Signals {
  private readonly sleepers = new Map<string, Set<() => void>>();

  /** Calls `wake` once when `key` is raised. Returns a function that cancels the wait. */
  once(key: string, wake: () => void): () => void {
    const sleepers = this.sleepers.get(key) ?? new Set();
    this.sleepers.set(key, sleepers.add(wake));
    return () => {
      sleepers.delete(wake);
      if (sleepers.size === 0 && this.sleepers.get(key) === sleepers) this.sleepers.delete(key);
    };
  }

  raise(key: string): void {
    const sleepers = this.sleepers.get(key);
    this.sleepers.delete(key);
    sleepers?.forEach((wake) => wake());
  }
}
