/** Counts what each app has in work in this process, so that none takes all of it. */
export class AppShares {
  readonly #inWork = new Map<string, number>();

  /** @param most What one app may have in work at once. */
  constructor(readonly most: number) {}

  /** Counts one more in; the function that comes back counts it out. Undefined when the app has its share already. */
  take(app: string): (() => void) | undefined {
    const before = this.#inWork.get(app) ?? 0;
    if (before >= this.most) return undefined;
    this.#inWork.set(app, before + 1);
    return () => {
      const left = this.#inWork.get(app)! - 1;
      if (left === 0) this.#inWork.delete(app);
      else this.#inWork.set(app, left);
    };
  }
}
