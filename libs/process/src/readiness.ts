/** Returns in a few words why a dependency isn't ready, or undefined if it is. */
export type Check = () => string | undefined;

export interface Finding {
  readonly name: string;
  readonly why: string | undefined;
  /** The check only reports: the process stays ready when it fails. */
  readonly degraded: boolean;
  /** A note for operators, shown while the check passes. */
  readonly says?: string | undefined;
}

export interface CheckOptions {
  /** `/health/ready` reports a failure but the process stays ready, because incomplete answers are better than none. */
  readonly degraded?: boolean;
  /** Returns a note for operators, which `/health/ready` shows while the check passes. */
  readonly says?: () => string | undefined;
}

/** The checks that must pass before this process takes work. */
export class Readiness {
  private readonly checks = new Map<string, { check: Check } & CheckOptions>();
  private phase: 'starting' | 'serving' | 'stopping' = 'starting';

  add(name: string, check: Check, options: CheckOptions = {}): void {
    this.checks.set(name, { check, ...options });
  }

  remove(name: string): void {
    this.checks.delete(name);
  }

  /** Marks the process as taking requests. Before this call it isn't ready, although health is served. */
  started(): void {
    if (this.phase === 'starting') this.phase = 'serving';
  }

  /** Marks the process as stopping: it is never ready again. */
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
