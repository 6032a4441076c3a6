import type { GroupEvent } from '@cohort/contracts';
import type { LiveGroup } from '../state';
import { FOREVER } from '../state/bans';
import { usersOfEvents } from './members';

/** Whether something that ends then is over at this time. A ban holds until its end, and not at it. */
export const isOver = (end: number, at: number): boolean => end <= at;

/** The end of a ban that begins now. */
export const endAfter = (durationMs: number | undefined, at: number): number =>
  durationMs === undefined ? FOREVER : at + durationMs;

const until = (end: number): { until?: string } => (end === FOREVER ? {} : { until: new Date(end).toISOString() });

/** The users are banned until this end. */
export const usersBanned = (userIds: readonly string[], end: number): GroupEvent[] =>
  usersOfEvents(userIds).map((users) => ({ type: 'banned', data: { users, ...until(end) } }));

/** The bans of the users, who are banned, end now. What has run out before is announced as such, with its end. */
export function bansEnded({ bans }: LiveGroup, userIds: readonly string[], at: number): GroupEvent[] {
  const lifted: string[] = [];
  const expired = new Map<number, string[]>();
  for (const userId of userIds) {
    const end = bans.banned.get(userId) ?? FOREVER;
    if (isOver(end, at)) expired.set(end, [...(expired.get(end) ?? []), userId]);
    else lifted.push(userId);
  }
  const inOrder = [...expired].sort(([a], [b]) => a - b);
  return [
    ...inOrder.flatMap(([end, ids]) =>
      usersOfEvents(ids).map((users): GroupEvent => {
        return { type: 'unbanned', data: { users, reason: 'expired', endedAt: new Date(end).toISOString() } };
      }),
    ),
    ...usersOfEvents(lifted).map((users): GroupEvent => ({ type: 'unbanned', data: { users, reason: 'lifted' } })),
  ];
}

/** Those of the users whose bans have run out. */
export const runOutAmong = ({ bans }: LiveGroup, userIds: readonly string[], at: number): string[] =>
  userIds.filter((userId) => isOver(bans.banned.get(userId) ?? FOREVER, at));

export const allBannedUntil = (end: number): GroupEvent => ({ type: 'allBanned', data: until(end) });

/** A ban-all with this end is over now: it ran out, or is lifted. */
export const banAllEnded = (end: number, at: number): GroupEvent =>
  isOver(end, at)
    ? { type: 'allUnbanned', data: { reason: 'expired', endedAt: new Date(end).toISOString() } }
    : { type: 'allUnbanned', data: { reason: 'lifted' } };
