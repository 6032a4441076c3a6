import { groupStream, parseGroupStream, type EventMetadata, type GroupEventData } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import type { GroupState } from '@cohort/group';
import type { Journal } from './journal';
import { APP, BAN_GROUPS } from './plan';

/** What is banned in a group, with the end of each: users by id, and the ban-all under an empty id. */
type Bans = Map<string, number>;
const ALL = '';

const endOf = (until: string | undefined): number => (until === undefined ? Infinity : Date.parse(until));

/**
 * What is wrong with the ends of bans: each is announced once, with the time at which it was, not before that time, and none that
 * was before `restsSince` is forgotten.
 */
export function bansWrong(log: readonly StoredEvent[], restsSince: number): string[] {
  const wrong: string[] = [];
  const groups = new Map<string, Bans>();
  for (const { stream, revision, type, data, metadata } of log) {
    if (parseGroupStream(stream) === undefined) continue;
    const bans = groups.get(stream) ?? new Map<string, number>();
    groups.set(stream, bans);
    const at = Date.parse((metadata as unknown as EventMetadata).at);
    const ended = (id: string, { reason, endedAt }: { reason: string; endedAt?: string }) => {
      const end = bans.get(id);
      const whose = `${stream}@${revision}: the ban of ${id === ALL ? 'all' : id}`;
      if (end === undefined) wrong.push(`${whose} ends, and there is none`);
      else if (reason !== 'expired' && end <= at) wrong.push(`${whose} had run out when it was ${reason}`);
      else if (reason === 'expired' && endOf(endedAt) !== end) wrong.push(`${whose} ends with another time`);
      else if (reason === 'expired' && end > at) wrong.push(`${whose} was announced early`);
      bans.delete(id);
    };
    if (type === 'banned') {
      const { users, until } = data as GroupEventData['banned'];
      for (const { userId } of users) bans.set(userId, endOf(until));
    }
    if (type === 'unbanned') {
      const unbanned = data as GroupEventData['unbanned'];
      for (const { userId } of unbanned.users) ended(userId, unbanned);
    }
    if (type === 'allBanned') bans.set(ALL, endOf((data as GroupEventData['allBanned']).until));
    if (type === 'allUnbanned') ended(ALL, data as GroupEventData['allUnbanned']);
    if (type === 'dismissed') bans.clear();
  }
  const forgotten = [...groups].flatMap(([stream, bans]) =>
    [...bans]
      .filter(([, end]) => end <= restsSince)
      .map(([id]) => `${stream}: the end of the ban of ${id || 'all'} is forgotten`),
  );
  return [...wrong, ...forgotten];
}

/** Users whose last request to be banned or unbanned in all their groups is not what their groups show. */
export function bansInAllGroupsWrong(groups: ReadonlyMap<string, GroupState>, journal: Journal): string[] {
  return [...journal.banned].flatMap(([userId, { kind }]) =>
    BAN_GROUPS.flatMap((groupId) => {
      const state = groups.get(groupStream(APP, groupId));
      const isBanned = state?.status === 'live' && state.bans.banned.has(userId);
      return isBanned === (kind === 'ban') ? [] : [`${groupId}: after a ${kind}, ${userId} is banned: ${isBanned}`];
    }),
  );
}
