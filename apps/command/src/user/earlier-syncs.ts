import { isCommandId, isPosition, type EarlierSync, type SyncRequestedMetadata } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { CommandMemory } from '../mailbox';

/** For how long, and how many at most, a user's stream remembers the commands that asked for earlier syncs. */
const EARLIER = { milliseconds: 24 * 60 * 60 * 1_000, count: 100 } as const;

/** The commands that a user's stream remembers: the newest request, and those that its metadata lists. */
export function memoryOf({ metadata, revision, position }: StoredEvent): CommandMemory {
  const { commandId, commandHash, at, earlier, forgottenUntil } = metadata as Partial<SyncRequestedMetadata>;
  // What it forgets is decided when the next request is written, not when this one is read.
  const memory = new CommandMemory(Infinity);
  const listed: readonly unknown[] = Array.isArray(earlier) ? earlier : [];
  for (const one of [...listed, { commandId, commandHash, sync: revision, position, at }].filter(isEarlierSync)) {
    const { sync, commandHash: hash } = one;
    memory.remember(one.commandId, { hash, revision: sync, position: one.position, at: Date.parse(one.at) });
  }
  const until = Date.parse(String(forgottenUntil));
  if (!Number.isNaN(until)) memory.forgotUntil(until);
  return memory;
}

/** Whether a stored entry can be used. Another program may have written it. */
function isEarlierSync(value: unknown): value is EarlierSync {
  if (typeof value !== 'object' || value === null) return false;
  const { commandId, commandHash, sync, position, at } = value as Partial<Record<keyof EarlierSync, unknown>>;
  return (
    isCommandId(commandId) &&
    typeof commandHash === 'string' &&
    Number.isSafeInteger(sync) &&
    isPosition(position) &&
    !Number.isNaN(Date.parse(String(at)))
  );
}

/** The part of a user's memory that a request of this time lists in its metadata. */
export function earlierSyncs(
  memory: CommandMemory,
  at: number,
): Pick<SyncRequestedMetadata, 'earlier' | 'forgottenUntil'> {
  const all = memory.entries();
  const kept = all.slice(-EARLIER.count).filter(([, command]) => command.at >= at - EARLIER.milliseconds);
  const forgottenUntil = all[all.length - kept.length - 1]?.[1].at ?? memory.forgottenUntil;
  return {
    earlier: kept.map(([commandId, { hash, revision, position, at: writtenAt }]) => ({
      commandId,
      commandHash: hash,
      sync: revision,
      position,
      at: new Date(writtenAt).toISOString(),
    })),
    ...(forgottenUntil === -Infinity ? {} : { forgottenUntil: new Date(forgottenUntil).toISOString() }),
  };
}
