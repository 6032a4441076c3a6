import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 2_000;
/** Failures in a row before the server is restarted: one or two may be a busy machine. */
const FAILURES = 3;
/** Milliseconds before the next restart, if the last one didn't help. They double. */
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 60_000;

export interface JetStreamWatchParts {
  /** Asks JetStream once. Resolves with the reason why it doesn't work, or undefined. */
  readonly ask: () => Promise<string | undefined>;
  /** The process that serves now; null while there is none. */
  readonly serving: () => number | null;
  readonly restart: () => void;
  readonly say: (text: string) => void;
  readonly lookEveryMs?: number;
}

/**
 * Restarts a nats-server whose JetStream doesn't answer any more. Such a server runs on and serves core NATS, so nothing else
 * would restart it. While a restart doesn't help (the disk is still full), the pauses between restarts grow.
 */
export class JetStreamWatch {
  private readonly stopping = new AbortController();
  private failures = 0;
  private restarts = 0;
  private notBefore = 0;

  constructor(private readonly parts: JetStreamWatchParts) {}

  start(): void {
    void this.run();
  }

  stop(): void {
    this.stopping.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await delay(this.parts.lookEveryMs ?? LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.look();
    }
  }

  private async look(): Promise<void> {
    const { ask, serving, restart, say } = this.parts;
    const pid = serving();
    const why = pid === null ? undefined : await ask();
    // The process that was asked has ended since, so the answer means nothing.
    if (pid === null || pid !== serving() || this.stopping.signal.aborted) {
      this.failures = 0;
      return;
    }
    if (why === undefined) {
      if (this.failures >= FAILURES) say('JetStream of nats answers again.');
      this.failures = 0;
      if (Date.now() > this.notBefore) this.restarts = 0;
      return;
    }
    this.failures += 1;
    if (this.failures < FAILURES || Date.now() < this.notBefore) return;
    this.notBefore = Date.now() + Math.min(FIRST_PAUSE_MS * 2 ** this.restarts, LONGEST_PAUSE_MS);
    this.restarts += 1;
    this.failures = 0;
    say(`nats runs, but ${why}: killing it, so that it is restarted.`);
    restart();
  }
}
