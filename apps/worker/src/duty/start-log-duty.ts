import type { CohortClient } from '@cohort/client';
import type { EventStore } from '@cohort/event-store';
import { followerWatch, type Apps, type SetAside } from '@cohort/process';
import { Gauge } from 'prom-client';
import type { WorkerParts } from '../parts';
import { Duty } from './duty';
import type { LogDuty, LogDutyOptions } from './log-duty';

/** What each turn of a duty that follows the log is made with. */
export interface LogDutyParts extends LogDutyOptions {
  readonly store: EventStore;
  readonly client: CohortClient;
  readonly apps: Apps;
  readonly setAside: SetAside;
}

/** How a duty that follows the log is named, and made. */
interface LogDutyStart<T> {
  /** Names its lease and its subscription. */
  readonly duty: string;
  /** What it does, and the thing that must not be skipped, for the error that ends the process. */
  readonly fault: { readonly work: string; readonly unit: string };
  /** The metric of its unfinished work. */
  readonly pending: { readonly name: string; readonly help: string };
  readonly newTurn: (parts: LogDutyParts) => T;
}

/** Starts a duty that follows the log, as the duty of one worker. */
export function startLogDuty<T extends LogDuty & { readonly pending: number }>(
  { context, store, bus, client, setAside }: WorkerParts,
  { duty: name, fault, pending, newTurn }: LogDutyStart<T>,
): Duty<T> {
  const { apps, metrics, logger: log, fatal, onStop } = context;
  const subscription = followerWatch(metrics, log, name);
  const onFault = (error: unknown): never =>
    fatal(error, `unexpected error in ${fault.work}: the process exits, so that no ${fault.unit} is skipped`);
  const parts: LogDutyParts = { store, client, apps, setAside, log, subscription, onFault };
  const duty = new Duty(name, () => newTurn(parts), context, bus);
  new Gauge({
    ...pending,
    registers: [metrics],
    collect() {
      this.set(duty.turn?.pending ?? 0);
    },
  });
  duty.start();
  onStop(() => duty.stop());
  return duty;
}
