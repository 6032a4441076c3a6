import { comparePositions, type GroupEvent, type Owned, type Position, type UsableEvent } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { mergedWork, type Work } from '../duty/jobs';

/** A reason to compare a user's groups with their newest sync. */
export interface SyncWork extends Work {
  /** The latest effect seen of each sync. */
  readonly effects?: readonly Effect[];
}

/** A change of a group by a sync. */
export interface Effect {
  readonly sync: number;
  readonly position: Position;
  readonly eventId: string;
}

/** Both in one. */
export function merged(a: SyncWork, b: SyncWork): SyncWork {
  const effects = latest([...(a.effects ?? []), ...(b.effects ?? [])]);
  return { ...mergedWork(a, b), ...(effects.length > 0 ? { effects } : {}) };
}

function latest(effects: readonly Effect[]): Effect[] {
  const bySync = new Map<number, Effect>();
  for (const effect of effects) {
    const other = bySync.get(effect.sync);
    if (!other || comparePositions(other.position, effect.position) < 0) bySync.set(effect.sync, effect);
  }
  return [...bySync.values()];
}

/** The work that an event of the log means, and for whom; the log was handled up to `since` before it. */
export function workOf(
  { category, owner, event }: UsableEvent<StoredEvent>,
  since: Position,
): { user: Owned; work: SyncWork }[] {
  const { position, revision, id: eventId } = event;
  if (category === 'user') {
    return event.type === 'syncRequested' ? [{ user: owner, work: { position, since, requested: revision } }] : [];
  }
  const data = event.data as GroupEvent['data'];
  if (!('sync' in data) || data.sync === undefined) return [];
  const work = { position, since, effects: [{ sync: data.sync, position, eventId }] };
  return usersOf(data).map((id) => ({ user: { app: owner.app, id }, work }));
}

/** The users whose sync wrote a group's event. Only events that a sync can write have the field `sync`. */
function usersOf(data: Extract<GroupEvent['data'], { sync?: number }>): readonly string[] {
  if ('owner' in data) return [data.owner];
  if ('members' in data) return data.members.map(({ userId }) => userId);
  return data.syncOf === undefined ? [] : [data.syncOf];
}
