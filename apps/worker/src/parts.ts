import type { Bus, JetStream } from '@cohort/bus';
import type { CohortClient } from '@cohort/client';
import type { EventStore } from '@cohort/event-store';
import type { ProcessContext, SetAside } from '@cohort/process';
import type { WorkerSettings } from './settings';

/** What a duty is started with: the process it is part of, its connections, and its reports. */
export interface WorkerParts {
  readonly context: ProcessContext<WorkerSettings>;
  readonly store: EventStore;
  readonly bus: Bus;
  readonly jetStream: JetStream;
  readonly client: CohortClient;
  /** Where each reader reports stored events that it sets aside. */
  readonly setAside: SetAside;
}
