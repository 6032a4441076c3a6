/** Why something isn't ready, in a few words; undefined when it is. */
export type Check = () => string | undefined;

export interface Finding {
  readonly name: string;
  readonly why: string | undefined;
  /** Only reported: the process stays ready. */
  readonly degraded: boolean;
  /** What else there is to know of it. */
  readonly says?: string | undefined;
}

export interface CheckOptions {
  /** A failing check is told by `/health/ready` but leaves the process ready: incomplete answers are better than none. */
  readonly degraded?: boolean;
  /** What `/health/ready` tells of it while it is well. */
  readonly says?: () => string | undefined;
}

/** What must hold for this process to take work. */
export class Readiness {
  private readonly checks = new Map<string, { check: Check } & CheckOptions>();
  private phase: 'starting' | 'serving' | 'stopping' = 'starting';

  add(name: string, check: Check, options: CheckOptions = {}): void {
    this.checks.set(name, { check, ...options });
  }

  /** Requests are taken: not ready before, though health is told. */
  started(): void {
    if (this.phase === 'starting') this.phase = 'serving';
  }

  /** From now on not ready: the process is stopping. */
  stop(): void {
    this.phase = 'stopping';
  }

  findings(): readonly Finding[] {
    return [
      { name: 'process', why: this.phase === 'serving' ? undefined : this.phase, degraded: false },
      ...[...this.checks].map(([name, { check, degraded = false, says }]) => ({
        name,
        why: check(),
        degraded,
        says: says?.(),
      })),
    ];
  }

  get ready(): boolean {
    return this.findings().every(({ why, degraded }) => why === undefined || degraded);
  }
}
