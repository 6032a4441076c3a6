import type { CohortClient } from '@cohort/client';
import { GROUP_STREAM_PREFIX } from '@cohort/contracts';
import type { EventStore, EventStoreLog } from '@cohort/event-store';
import type { FileInventory } from '@cohort/file-store';
import type { Apps } from '@cohort/process';
import { DutyLoop } from '../duty/duty-loop';
import { sweep, type SweepOptions } from './sweep';

const LOOP = { duty: 'fileSweep', pauses: { first: 1_000, longest: 60_000 }, stopWithinMs: 2_000 } as const;

/** Longer than any upload, and than a gateway that hangs between the bytes and the command that names them. */
const HELD_MS = 3_600_000;

export interface FileSweepOptions extends Pick<SweepOptions, 'onRemoved' | 'onFailure'> {
  readonly store: Pick<EventStore, 'head'>;
  readonly files: FileInventory;
  readonly client: Pick<CohortClient, 'query'>;
  readonly apps: Apps;
  readonly log: EventStoreLog;
  /** Milliseconds between two sweeps. */
  readonly everyMs: number;
}

/** Removes the bytes of files that nothing names any more (docs/decisions/0040-files.md). */
export class FileSweepDuty extends DutyLoop {
  constructor(private readonly options: FileSweepOptions) {
    super({ ...LOOP, log: options.log });
  }

  protected override async run(): Promise<void> {
    const { store, files, client, apps, everyMs, onRemoved, onFailure } = this.options;
    while (!this.signal.aborted) {
      await this.pause(everyMs);
      if (this.signal.aborted) return;
      const before = new Date(Date.now() - HELD_MS);
      const at = await store.head([GROUP_STREAM_PREFIX]);
      const known = new Set(apps.all.map(({ id }) => id));
      for (const tenant of await files.tenants()) {
        if (known.has(tenant))
          await sweep(tenant, { files, client, before, at, signal: this.signal, onRemoved, onFailure });
      }
      this.goesOn();
    }
  }
}
