import { groupStream, type CanSpeakAnswer, type QueryAnswers, type QueryData } from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { isDisabled } from '../../tables/group-flags';
import { isoTime } from '../../tables/group-reader';
import { LIVE } from '../../tables/groups';
import { LISTS, NEVER } from '../../tables/listed-users';
import type { UserCache } from '../../user-cache';

/** What decides whether a user may speak, at any time until an event changes it. Ends are 0 for none. */
export type Speech =
  | { readonly silent: CanSpeakAnswer }
  | { readonly silent?: undefined; readonly banned: number; readonly allBanned: number };

interface Row {
  readonly live: number;
  readonly flags: number;
  readonly role: number | null;
  readonly banned: number | null;
  readonly all_banned: number;
  readonly allowed: string | null;
}

const MAY: CanSpeakAnswer = { canSpeak: true };
const NO_GROUP: Speech = { silent: { canSpeak: false, reason: 'noGroup' } };
const DISABLED: Speech = { silent: { canSpeak: false, reason: 'disabled' } };
const NO_MEMBER: Speech = { silent: { canSpeak: false, reason: 'notAMember' } };

function speechOf(row: Row | undefined): Speech {
  if (row?.live !== LIVE.live) return NO_GROUP;
  if (row.role === null) return NO_MEMBER;
  if (isDisabled(row)) return DISABLED;
  // The owner, the admins and the allow-list may speak during a ban-all.
  const isExempt = row.role > 0 || row.allowed !== null;
  return { banned: row.banned ?? 0, allBanned: isExempt ? 0 : row.all_banned };
}

const silentUntil = (reason: 'banned' | 'allBanned', end: number): CanSpeakAnswer => ({
  canSpeak: false,
  reason,
  ...(end === NEVER ? {} : { until: isoTime(end) }),
});

/** Hot: answered from memory when the same was asked before. What has run out by now is over. */
export function canSpeak({ connection, groups, now }: ReadSide, cache: UserCache<Speech>) {
  const listed = (list: number) => `gid = g.gid AND list = ${list} AND user = ?3 AND gone = 0`;
  const find = connection.prepare(
    `SELECT g.live, g.flags, g.all_banned,
       (SELECT role FROM members WHERE gid = g.gid AND user = ?3) AS role,
       (SELECT until FROM listed_users WHERE ${listed(LISTS.banned)}) AS banned,
       (SELECT user FROM listed_users WHERE ${listed(LISTS.allowed)}) AS allowed
     FROM groups g WHERE g.app = ?1 AND g.id = ?2`,
  );

  return ({ app, groupId, userId }: Omit<QueryData<'canSpeak'>, 'after'>): QueryAnswers['canSpeak'] => {
    const stream = groupStream(app, groupId);
    let speech = cache.get(stream, userId);
    if (speech === undefined) {
      const row = find.get(app, groupId, userId) as Row | undefined;
      speech = speechOf(row);
      if (speech === NO_GROUP) groups.mustBeUsable(app, groupId);
      // The creation of a group changes the answer about every user, and names a few.
      if (row !== undefined) cache.remember(stream, userId, speech);
    }
    if (speech.silent !== undefined) return speech.silent;
    const { banned, allBanned } = speech;
    if (banned === 0 && allBanned === 0) return MAY;
    const time = now();
    if (banned > time) return silentUntil('banned', banned);
    return allBanned > time ? silentUntil('allBanned', allBanned) : MAY;
  };
}
