import {
  comparePositions,
  isGroupEventType,
  isKnown,
  parseGroupStream,
  parseUserStream,
  upcast,
  type GroupEvent,
  type Owned,
  type Position,
} from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';

/** Why a user's groups have to be looked at. */
export interface Work {
  /** The list of his groups counts only when it was read at or after this position. */
  readonly position: Position;
  /** Following the log from here meets the cause again: no checkpoint passes it before the work is done. */
  readonly since: Position;
  /** Number of the newest sync that was seen to be asked for. */
  readonly requested?: number;
  /** The latest effect of each sync that was seen to have one. */
  readonly effects?: readonly Effect[];
}

/** What a sync did to a group. */
export interface Effect {
  readonly sync: number;
  readonly position: Position;
  readonly eventId: string;
}

/** Both works in one. */
export function merged(a: Work, b: Work): Work {
  const requested = Math.max(a.requested ?? -1, b.requested ?? -1);
  const effects = latest([...(a.effects ?? []), ...(b.effects ?? [])]);
  return {
    position: comparePositions(a.position, b.position) < 0 ? b.position : a.position,
    since: comparePositions(a.since, b.since) < 0 ? a.since : b.since,
    ...(requested < 0 ? {} : { requested }),
    ...(effects.length > 0 ? { effects } : {}),
  };
}

function latest(effects: readonly Effect[]): Effect[] {
  const bySync = new Map<number, Effect>();
  for (const effect of effects) {
    const other = bySync.get(effect.sync);
    if (!other || comparePositions(other.position, effect.position) < 0) bySync.set(effect.sync, effect);
  }
  return [...bySync.values()];
}

/** The work that an event of the log means, with whose it is; `since` is how far the log was handled before it. */
export function workOf(event: StoredEvent, since: Position): { user: Owned; work: Work }[] {
  const { position, revision } = event;
  const user = parseUserStream(event.stream);
  if (user) return event.type === 'syncRequested' ? [{ user, work: { position, since, requested: revision } }] : [];

  const group = parseGroupStream(event.stream);
  // What a newer version wrote can't be read; everybody's syncs must not wait for it.
  if (!group || !isGroupEventType(event.type) || !isKnown(event)) return [];
  const data = upcast(event).data as GroupEvent['data'];
  if (!('sync' in data) || data.sync === undefined) return [];
  const work = { position, since, effects: [{ sync: data.sync, position, eventId: event.id }] };
  return usersOf(data).map((id) => ({ user: { app: group.app, id }, work }));
}

/** The users whose sync wrote an event of a group; only events that may be part of one have a `sync`. */
function usersOf(data: Extract<GroupEvent['data'], { sync?: number }>): readonly string[] {
  if ('owner' in data) return [data.owner];
  if ('members' in data) return data.members.map(({ userId }) => userId);
  return data.syncOf === undefined ? [] : [data.syncOf];
}
