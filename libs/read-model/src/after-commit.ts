/** Effects of a transaction on memory, such as updates of a cache. They run after the commit, and never after a rollback. */
export class AfterCommit {
  private effects: (() => void)[] = [];

  add(effect: () => void): void {
    this.effects.push(effect);
  }

  /** A place to go back to, when what follows is rolled back. */
  get mark(): number {
    return this.effects.length;
  }

  /** Drops the effects that were added after the mark. */
  backTo(mark: number): void {
    this.effects.length = mark;
  }

  run(): void {
    for (const effect of this.effects.splice(0)) effect();
  }
}
