import { setTimeout as sleep } from 'node:timers/promises';
import { Lease, type Bus, type LeaseState } from '@cohort/bus';
import type { ProcessContext } from '@cohort/process';
import { Gauge, type Registry } from 'prom-client';
import type { WorkerSettings } from './settings';

/** What does a duty while it is this worker's turn; another one is begun for the next turn. */
export interface Turn {
  stop(): Promise<void>;
}

const RETRY_MS = 1_000;

/**
 * Something that one worker at a time should do: done while this one holds the lease, or while nobody can say who does, as
 * it is safe when several do it.
 */
export class Duty<T extends Turn> {
  /** What does it now; undefined while this worker stands by. */
  turn: T | undefined;
  private readonly lease: Lease;
  private stopping = false;
  private settling: Promise<void> = Promise.resolve();

  constructor(
    private readonly name: string,
    private readonly begin: () => T | Promise<T>,
    private readonly context: Pick<ProcessContext<WorkerSettings>, 'settings' | 'metrics' | 'readiness' | 'logger'>,
    bus: Bus,
  ) {
    const { settings, metrics, readiness } = context;
    const onChange = (state: LeaseState) => this.turned(state);
    this.lease = new Lease({ bus, duty: name, replicas: settings.FEED_REPLICAS, onChange });
    leaseHeld(metrics).set({ duty: name }, 0);
    readiness.add(`lease ${name}`, () => this.trouble, { degraded: true, says: () => this.says });
  }

  /** Another worker does it. */
  get standsBy(): boolean {
    return this.lease.state.kind === 'elsewhere';
  }

  start(): void {
    this.lease.start();
  }

  /** Ends what is being done, and then lets another worker have it. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.settle();
    await this.lease.release();
  }

  private get trouble(): string | undefined {
    const { state } = this.lease;
    return state.kind === 'unavailable' ? `works without a lease: ${state.why}` : undefined;
  }

  private get says(): string | undefined {
    const { state } = this.lease;
    if (state.kind === 'elsewhere') return `stands by for ${state.holder}`;
    return state.kind === 'held' ? 'holds the lease' : undefined;
  }

  private turned(state: LeaseState): void {
    const { logger: log, metrics } = this.context;
    const duty = this.name;
    leaseHeld(metrics).set({ duty }, state.kind === 'held' ? 1 : 0);
    switch (state.kind) {
      case 'held':
        log.info({ duty }, 'holds the lease');
        break;
      case 'elsewhere':
        log.info({ duty, holder: state.holder }, 'stands by');
        break;
      case 'unavailable':
        log.warn({ duty, why: state.why }, 'works without a lease: another worker may do the same');
        break;
      case 'unknown':
        break;
    }
    void this.settle();
  }

  private get isMyTurn(): boolean {
    const { kind } = this.lease.state;
    return !this.stopping && (kind === 'held' || kind === 'unavailable');
  }

  /** Begins or ends it, one after the other, until it is as it should be. */
  private settle(): Promise<void> {
    this.settling = this.settling.then(async () => {
      while (this.isMyTurn !== (this.turn !== undefined)) {
        try {
          if (this.turn) await this.end(this.turn);
          else this.turn = await this.begin();
        } catch (err) {
          this.context.logger.warn({ err, duty: this.name }, 'could not begin or end: it is tried again');
          await sleep(RETRY_MS);
        }
      }
    });
    return this.settling;
  }

  private async end(turn: T): Promise<void> {
    this.turn = undefined;
    await turn.stop();
  }
}

function leaseHeld(registry: Registry): Gauge<'duty'> {
  const name = 'cohort_lease_held';
  const there = registry.getSingleMetric(name) as Gauge<'duty'> | undefined;
  const help = '1 while this worker holds the lease on a duty; the sum over all workers is 1, or 0 without JetStream.';
  return there ?? new Gauge({ name, help, labelNames: ['duty'], registers: [registry] });
}
