import { Lease, type Bus, type LeaseState } from '@cohort/bus';
import type { ProcessContext } from '@cohort/process';
import { Gauge, type Registry } from 'prom-client';
import type { WorkerSettings } from '../settings';

/** Performs a duty as long as this worker should. Each period has its own turn. */
export interface Turn {
  start(): void;
  /** Resolves once the work has stopped. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Work that one worker at a time should do. This worker does it while it holds the lease, and while the holder is
 * unknown. The work must therefore be safe when several workers do it.
 */
export class Duty<T extends Turn> {
  /** What does the work now; undefined while this worker stands by. */
  turn: T | undefined;
  private readonly lease: Lease;
  private stopping = false;
  private settling: Promise<void> = Promise.resolve();

  constructor(
    private readonly name: string,
    private readonly newTurn: () => T,
    private readonly context: Pick<ProcessContext<WorkerSettings>, 'settings' | 'metrics' | 'readiness' | 'logger'>,
    bus: Bus,
  ) {
    const { settings, metrics, readiness } = context;
    const onChange = (state: LeaseState) => this.leaseChanged(state);
    this.lease = new Lease({ bus, duty: name, replicas: settings.FEED_REPLICAS, onChange });
    leaseHeld(metrics).set({ duty: name }, 0);
    readiness.add(`lease ${name}`, () => this.trouble, { degraded: true, says: () => this.leaseInWords });
  }

  /** Whether another worker does the work. */
  get standsBy(): boolean {
    return this.lease.state.kind === 'elsewhere';
  }

  start(): void {
    this.lease.start();
  }

  /** Stops the work, then releases the lease. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.settle();
    await this.lease.release();
  }

  private get trouble(): string | undefined {
    const { state } = this.lease;
    return state.kind === 'unavailable' ? `works without a lease: ${state.why}` : undefined;
  }

  private get leaseInWords(): string | undefined {
    const { state } = this.lease;
    if (state.kind === 'elsewhere') return `stands by for ${state.holder}`;
    return state.kind === 'held' ? 'holds the lease' : undefined;
  }

  private leaseChanged(state: LeaseState): void {
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
        log.warn(
          { duty, why: state.why },
          'the lease is unavailable: this worker performs the duty without it, and other workers may too; check JetStream',
        );
        break;
      case 'unknown':
        break;
    }
    void this.settle();
  }

  private get isOurs(): boolean {
    const { kind } = this.lease.state;
    return !this.stopping && (kind === 'held' || kind === 'unavailable');
  }

  /** Starts or stops turns, one after the other, until the work is done here exactly if it should be. */
  private settle(): Promise<void> {
    this.settling = this.settling.then(async () => {
      while (this.isOurs !== (this.turn !== undefined)) {
        if (this.turn) await this.end(this.turn);
        else this.begin();
      }
    });
    return this.settling;
  }

  private begin(): void {
    this.turn = this.newTurn();
    this.turn.start();
  }

  private async end(turn: T): Promise<void> {
    this.turn = undefined;
    await turn.stop();
  }
}

function leaseHeld(registry: Registry): Gauge<'duty'> {
  const name = 'cohort_lease_held';
  const existing = registry.getSingleMetric(name) as Gauge<'duty'> | undefined;
  const help = '1 while this worker holds the lease on a duty; the sum over all workers is 1, or 0 without JetStream.';
  return existing ?? new Gauge({ name, help, labelNames: ['duty'], registers: [registry] });
}
