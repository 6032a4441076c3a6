import type { AppLimits, ErrorCode, GroupCommand, GroupCommandName, GroupEvent } from '@cohort/contracts';
import { refuse, type DecideContext, type Decision, type GroupCounts, type Refused } from './decision';
import { hasResults, MOST_NAMED, withoutUsers, type Decides } from './known-users';

const countsAway = refuse(
  'UNAVAILABLE',
  "The groups of the users couldn't be counted in time; this attempt changed nothing. Send the command again.",
  { dependency: 'query' },
);

/** What a command adds to the numbers of groups. */
interface Gains {
  readonly makesGroup: boolean;
  readonly owners: readonly string[];
  readonly members: readonly string[];
}

function gainsOf(events: readonly GroupEvent[]): Gains {
  let makesGroup = false;
  const owners: string[] = [];
  const members: string[] = [];
  for (const { type, data } of events) {
    if (type === 'created') {
      makesGroup = true;
      owners.push(data.owner);
      members.push(data.owner);
    } else if (type === 'memberJoined') members.push(...data.members.map(({ userId }) => userId));
    else if (type === 'ownerTransferred' && data.reason === 'requested') owners.push(data.to);
  }
  return { makesGroup, owners, members };
}

/**
 * Decides a command in a tenant that may limit the groups that it has, and those that a user owns or is a member of. Users
 * who would have too many get a result each where the command has results; else the whole command is refused.
 */
export function withinLimits<N extends GroupCommandName>(
  { type, data }: GroupCommand<N>,
  { counts, limits }: DecideContext,
  decides: Decides<N>,
): Decision {
  const decision = decides(data);
  if (counts === undefined || !decision.ok) return decision;
  const gains = gainsOf(decision.events);
  if (!gains.makesGroup && gains.owners.length === 0 && gains.members.length === 0) return decision;
  if (counts === 'unavailable') return countsAway;
  const refused = refusalOf(gains, counts, limits);
  if (refused) return refused;
  const full = gains.members.filter((userId) => joinedBy(userId, counts) >= limits.groupsJoinedPerUser);
  if (full.length === 0) return decision;
  // Without its owner, another group would be made.
  const owner = gains.makesGroup ? gains.owners[0] : undefined;
  if (!hasResults(data, type) || (owner !== undefined && full.includes(owner))) {
    return reached('JOINED_GROUPS_REACHED', limits.groupsJoinedPerUser, 'is a member of', full);
  }
  return withoutUsers(data, new Map(full.map((userId) => [userId, 'JOINED_GROUPS_REACHED'])), decides);
}

/** A refusal of the whole command: for its tenant, or for a new owner. */
function refusalOf(
  { makesGroup, owners }: Gains,
  { groups, users }: GroupCounts,
  { groups: most, groupsOwnedPerUser }: AppLimits,
): Refused | undefined {
  if (makesGroup && groups >= most) {
    return refuse('TENANT_GROUPS_REACHED', `There may be at most ${most} groups.`, { limit: most });
  }
  const full = owners.filter((userId) => (users.get(userId)?.owned ?? 0) >= groupsOwnedPerUser);
  return full.length === 0 ? undefined : reached('OWNED_GROUPS_REACHED', groupsOwnedPerUser, 'owns', full);
}

const joinedBy = (userId: string, { users }: GroupCounts): number => users.get(userId)?.joined ?? 0;

function reached(code: ErrorCode, limit: number, has: string, userIds: readonly string[]): Refused {
  const named = userIds.slice(0, MOST_NAMED);
  const more = userIds.length - named.length;
  return refuse(code, `User ${named.join(', ')} ${has} as many groups as a user may: ${limit}.`, {
    limit,
    userIds: named,
    ...(more > 0 ? { more } : {}),
  });
}

/** A refusal of a sync to more groups than a user may be a member of. */
export function mustFitUser(
  groups: number,
  { groupsJoinedPerUser = Infinity }: Partial<AppLimits> = {},
): Refused | undefined {
  if (groups <= groupsJoinedPerUser) return undefined;
  const message = `A user may be a member of at most ${groupsJoinedPerUser} groups; the sync lists ${groups}.`;
  return refuse('JOINED_GROUPS_REACHED', message, { limit: groupsJoinedPerUser, wanted: groups });
}
