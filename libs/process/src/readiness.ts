/** Why something isn't ready, in a few words; undefined when it is. */
export type Check = () => string | undefined;

export interface Finding {
  readonly name: string;
  readonly why: string | undefined;
  /** Only reported: the process stays ready. */
  readonly degraded: boolean;
}

/** What must hold for this process to take work. */
export class Readiness {
  private readonly checks = new Map<string, { check: Check; degraded: boolean }>();
  private stopping = false;

  /**
   * Adds a check. With `degraded`, a failing one is told by `/health/ready` but leaves the process ready: its answers
   * may be incomplete, yet better than none.
   */
  add(name: string, check: Check, { degraded = false }: { degraded?: boolean } = {}): void {
    this.checks.set(name, { check, degraded });
  }

  /** From now on not ready: the process is stopping. */
  stop(): void {
    this.stopping = true;
  }

  findings(): readonly Finding[] {
    return [
      { name: 'process', why: this.stopping ? 'stopping' : undefined, degraded: false },
      ...[...this.checks].map(([name, { check, degraded }]) => ({ name, why: check(), degraded })),
    ];
  }

  get ready(): boolean {
    return this.findings().every(({ why, degraded }) => why === undefined || degraded);
  }
}
