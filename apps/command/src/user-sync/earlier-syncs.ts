import type { SyncRequestedMetadata } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';

/** For how long, and how many at most, a user's stream remembers the commands that asked for syncs. */
const EARLIER = { milliseconds: 24 * 60 * 60 * 1_000, count: 100 } as const;

/** The commands a user's stream knows, oldest first, and until when it has forgotten others. */
export type SyncMemory = Pick<SyncRequestedMetadata, 'earlier' | 'forgottenUntil'>;

export const NO_MEMORY: SyncMemory = { earlier: [] };

/** All that the stream's newest request knows: itself, and what it carried on. */
export function memoryOf({ metadata, revision, position }: StoredEvent): SyncMemory {
  const { commandId, commandHash, at, earlier, forgottenUntil } = metadata as unknown as SyncRequestedMetadata;
  return {
    earlier: [...earlier, { commandId, commandHash, sync: revision, position, at }],
    ...(forgottenUntil === undefined ? {} : { forgottenUntil }),
  };
}

/** What of it is carried on at this time. */
export function carriedOn({ earlier, forgottenUntil }: SyncMemory, at: number): SyncMemory {
  const kept = earlier.slice(-EARLIER.count).filter((sync) => Date.parse(sync.at) >= at - EARLIER.milliseconds);
  const forgotten = earlier[earlier.length - kept.length - 1]?.at ?? forgottenUntil;
  return { earlier: kept, ...(forgotten === undefined ? {} : { forgottenUntil: forgotten }) };
}
