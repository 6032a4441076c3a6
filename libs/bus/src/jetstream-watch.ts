import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@cohort/surroundings';
import { connect } from 'nats';
import type { Bus } from './bus';
import { jetStreamTrouble, type JetStreamTrouble } from './jetstream-answers';

const LOOK_EVERY_MS = 2_000;
const TIMEOUT_MS = 2_000;
/** Failures in a row before JetStream counts as dead: one may be a busy server. */
const FAILURES = 2;

export interface JetStreamWatchOptions {
  readonly bus: Pick<Bus, 'connection' | 'status'>;
  /** A stream that is asked for. */
  readonly stream: string;
  readonly log: { info(details: object, message: string): void; warn(details: object, message: string): void };
}

/**
 * Asks JetStream regularly whether it works, because the connection doesn't show it. Within about ten seconds, a JetStream
 * that doesn't answer any more is noticed, and so is one that answers again.
 */
export class JetStreamWatch {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private trouble: JetStreamTrouble | undefined;
  private failures = 0;
  private hasAnswered = false;
  private readonly stopped: Promise<'stopped'>;

  constructor(private readonly options: JetStreamWatchOptions) {
    this.stopped = new Promise((resolve) =>
      this.stopping.signal.addEventListener('abort', () => resolve('stopped'), { once: true }),
    );
  }

  /**
   * Why JetStream doesn't work, although it worked before or should; undefined while it works. A server without JetStream is a
   * decision of its operator, so that is no reason until it has answered once.
   */
  get why(): string | undefined {
    return this.trouble?.kind === 'absent' && !this.hasAnswered ? undefined : this.trouble?.why;
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.look();
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const { bus, stream, log } = this.options;
    // Without a connection nothing is known about JetStream, and the connection has its own check.
    if (bus.status !== 'connected') return;
    const asked = jetStreamTrouble(bus.connection, stream, TIMEOUT_MS).catch(() => 'lost' as const);
    const found = await Promise.race([asked, this.stopped]);
    if (found === 'stopped' || found === 'lost' || bus.status !== 'connected') return;
    const before = this.why;
    this.failures = found === undefined ? 0 : this.failures + 1;
    if (found === undefined) this.hasAnswered = true;
    if (found === undefined || this.failures >= FAILURES) this.trouble = found;
    if (before === this.why) return;
    if (this.why === undefined) log.info({}, 'JetStream answers again');
    else
      log.warn({ why: this.why }, 'JetStream does not work: nothing is published to the feed, and no lease is renewed');
  }
}

/**
 * Asks a nats-server's JetStream once, on a connection of its own.
 *
 * @returns why it doesn't work; undefined if it does
 */
export async function askJetStream(url: string, stream: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const options = { servers: url, name: 'cohort-launcher', reconnect: false, noAsyncTraces: true };
    const connection = await connect({ ...options, timeout: timeoutMs });
    try {
      return (await jetStreamTrouble(connection, stream, timeoutMs))?.why;
    } finally {
      await connection.close();
    }
  } catch (error) {
    return `the nats-server can't be asked: ${messageOf(error)}`;
  }
}
