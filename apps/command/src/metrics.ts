import {
  AppendTooLarge,
  OutcomeUnknown,
  StoreRefused,
  StoreUnavailable,
  StreamDeleted,
  WrongExpectedRevision,
  type EventStoreLog,
} from '@cohort/event-store';
import { overloads } from '@cohort/process';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { GroupMailboxes, MailboxStore } from './group';
import type { InFlight, InFlightLimit } from './in-flight';
import type { MailboxObserver } from './mailbox';

/** Seconds, from an append to a store on this machine to one that was sent again until its time was over. */
const STORE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** The last is the most that a batch takes. */
const BATCH_COMMANDS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** Metrics of the command process beside the durations of commands (docs/operations.md lists them). */
export class CommandMetrics {
  readonly observer: MailboxObserver;
  /** Called for each command that is rejected because too many are in flight. */
  readonly onOverloaded: (limit: InFlightLimit | 'node') => void;
  readonly #appends: Histogram<'stream' | 'outcome'>;
  /** By labels: prom-client's own lookup costs more than observing. */
  readonly #children = new Map<string, { observe(seconds: number): void }>();
  readonly #unanswered: Counter;
  /** Rejections because of damaged data since the start, and why the last one was. */
  #damaged: { readonly count: number; readonly why: string } | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly log: EventStoreLog,
  ) {
    const registers = [registry];
    this.#appends = new Histogram({
      name: 'cohort_append_duration_seconds',
      help: 'Seconds of an append to the event store, sent again or not, by category of stream and outcome.',
      labelNames: ['stream', 'outcome'],
      buckets: STORE_SECONDS,
      registers,
    });
    this.#unanswered = new Counter({
      name: 'cohort_append_unanswered_total',
      help: 'Appends sent again because the event store did not answer them in time or in order.',
      registers,
    });
    this.onOverloaded = overloads(registry, 'commands', ['node', 'app', 'group', 'user']);
    this.observer = { ...observer(registers), onUnusable: this.#unusable(registers) };
  }

  /** What readiness reports about stored events that can't be used; undefined if there were none since the start. */
  get damaged(): string | undefined {
    if (this.#damaged === undefined) return undefined;
    const { count, why } = this.#damaged;
    return `${count} batch(es) of commands were rejected since the start because stored events are damaged; the last: ${why} See "Streams" in docs/operations.md.`;
  }

  readonly onUnanswered = (): void => this.#unanswered.inc();

  /** The store, with its appends timed. */
  timed(store: MailboxStore): MailboxStore {
    return {
      append: async (stream, events, expected, onInDoubt) => {
        const started = performance.now();
        let outcome = 'written';
        try {
          return await store.append(stream, events, expected, onInDoubt);
        } catch (error) {
          outcome = outcomeOf(error);
          throw error;
        } finally {
          this.#append(stream.slice(0, stream.indexOf('-')), outcome).observe((performance.now() - started) / 1_000);
        }
      },
      read: (...args) => store.read(...args),
      head: (...args) => store.head(...args),
      setTruncateBefore: (...args) => store.setTruncateBefore(...args),
    };
  }

  /** Adds gauges of the commands in flight and of the cache. */
  watch(inFlight: InFlight, mailboxes: GroupMailboxes): void {
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(value());
        },
      });
    gauge('cohort_commands_in_flight', 'Commands that are waiting or being carried out.', () => inFlight.count);
    gauge('cohort_groups_in_flight', 'Groups that have a command in flight.', () => mailboxes.groupsInFlight);
    gauge('cohort_group_cache_groups', 'Groups kept in memory.', () => mailboxes.cached.groups);
    gauge('cohort_group_cache_bytes', 'Approximate bytes of the groups kept in memory.', () => mailboxes.cached.bytes);
  }

  #unusable(registers: Registry[]): MailboxObserver['onUnusable'] {
    const counter = new Counter({
      name: 'cohort_unusable_streams_total',
      help: 'Batches of commands rejected because the stored events of their group or user were erased or are damaged.',
      labelNames: ['code'],
      registers,
    });
    for (const code of ['DATA_ERASED', 'DATA_DAMAGED']) counter.inc({ code }, 0);
    return (stream, { code, message: why }) => {
      counter.inc({ code });
      // Operators erase on purpose, so readiness doesn't report it.
      if (code === 'DATA_ERASED') return;
      this.#damaged = { count: (this.#damaged?.count ?? 0) + 1, why };
      this.log.warn({ stream, why }, 'commands were rejected: the stored events of their group or user are damaged');
    };
  }

  #append(stream: string, outcome: string) {
    const key = `${stream} ${outcome}`;
    let child = this.#children.get(key);
    if (!child) {
      child = this.#appends.labels(stream, outcome);
      this.#children.set(key, child);
    }
    return child;
  }
}

function observer(registers: Registry[]): Omit<MailboxObserver, 'onUnusable'> {
  const batchCommands = new Histogram({
    name: 'cohort_batch_commands',
    help: "Commands that a group's mailbox decided and answered together.",
    buckets: BATCH_COMMANDS,
    registers,
  });
  const events = new Counter({
    name: 'cohort_group_events_total',
    help: 'Events of groups that this node wrote.',
    registers,
  });
  const lookups = new Counter({
    name: 'cohort_group_cache_lookups_total',
    help: 'Batches whose group was in memory (hit) or had to be read (miss); creates count as neither.',
    labelNames: ['found'],
    registers,
  });
  const found = { hit: lookups.labels('hit'), miss: lookups.labels('miss') };
  const reads = new Histogram({
    name: 'cohort_group_read_duration_seconds',
    help: "Seconds to read a group, or its events since this node's last read, from the event store.",
    buckets: STORE_SECONDS,
    registers,
  });
  const snapshotReads = new Counter({
    name: 'cohort_snapshot_reads_total',
    help: 'Searches for the snapshot of a group with many events, by result: used, none, stale, broken.',
    labelNames: ['found'],
    registers,
  });
  const snapshotWrites = new Counter({
    name: 'cohort_snapshot_writes_total',
    help: 'Snapshots begun, by outcome: written, overtaken (another node writes one), failed.',
    labelNames: ['outcome'],
    registers,
  });
  const snapshotBytes = new Counter({
    name: 'cohort_snapshot_written_bytes_total',
    help: 'Bytes of the snapshots written.',
    registers,
  });
  return {
    onCache: (how) => found[how].inc(),
    onRead: (seconds) => reads.observe(seconds),
    onBatch: (commands, written) => {
      batchCommands.observe(commands);
      events.inc(written);
    },
    onSnapshotRead: (how) => snapshotReads.inc({ found: how }),
    onSnapshotWritten: (how) => {
      snapshotWrites.inc({ outcome: how.outcome });
      if (how.outcome === 'written') snapshotBytes.inc(how.bytes);
    },
  };
}

function outcomeOf(error: unknown): string {
  if (error instanceof WrongExpectedRevision) return 'conflict';
  if (error instanceof OutcomeUnknown) return 'unknown';
  if (error instanceof StoreUnavailable) return 'unavailable';
  if (error instanceof StoreRefused) return 'refused';
  if (error instanceof AppendTooLarge) return 'too_large';
  if (error instanceof StreamDeleted) return 'erased';
  return 'fault';
}
