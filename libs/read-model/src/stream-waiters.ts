/** Waits for the next applied event of a stream. */
export class StreamWaiters {
  private readonly waiters = new Map<string, Set<() => void>>();

  /** How many are waiting now. */
  get waiting(): number {
    return [...this.waiters.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Resolves at the next commit that has an event of the stream, or after `timeoutMs`. */
  async next(stream: string, timeoutMs: number): Promise<void> {
    const waiters = this.waiters.get(stream) ?? new Set();
    this.waiters.set(stream, waiters);
    let wake: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      waiters.add(resolve);
      timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
    waiters.delete(wake!);
    if (waiters.size === 0) this.waiters.delete(stream);
  }

  /** Events of these streams were committed. */
  wake(streams: Iterable<string>): void {
    if (this.waiters.size === 0) return;
    for (const stream of streams) for (const wake of this.waiters.get(stream) ?? []) wake();
  }

  wakeAll(): void {
    this.wake([...this.waiters.keys()]);
  }
}
