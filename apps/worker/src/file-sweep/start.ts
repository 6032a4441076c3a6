import { JetStreamInventory } from '@cohort/file-store';
import { Counter } from 'prom-client';
import { Duty } from '../duty/duty';
import type { WorkerParts } from '../parts';
import { FileSweepDuty } from './file-sweep-duty';

/** Starts the removal of bytes that nothing names, as the duty of one worker. */
export function startFileSweep({ context, store, bus, client }: WorkerParts): void {
  const { apps, metrics, settings, logger: log, onStop } = context;
  const removed = new Counter({
    name: 'cohort_file_sweep_removed_total',
    help: 'Files, and uploads that were broken off, whose bytes were removed because nothing names them.',
    labelNames: ['what'],
    registers: [metrics],
  });
  const failures = new Counter({
    name: 'cohort_file_sweep_failures_total',
    help: 'Groups whose files could not be compared; the next sweep tries again.',
    registers: [metrics],
  });
  const files = new JetStreamInventory(bus.connection);
  const everyMs = settings.FILES_SWEEP_SECONDS * 1_000;
  const onRemoved = (what: string): void => removed.inc({ what });
  const onFailure = (): void => failures.inc();
  const newTurn = () => new FileSweepDuty({ store, files, client, apps, log, everyMs, onRemoved, onFailure });
  const duty = new Duty('fileSweep', newTurn, context, bus);
  duty.start();
  onStop(() => duty.stop());
}
