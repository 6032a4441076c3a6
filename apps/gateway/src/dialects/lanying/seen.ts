import { CohortError, PAGE, type Actor, type GroupView } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import { unless } from '../../dialect/group-service';
import { LanyingError } from './errors';
import type { SeenGroup } from './views';

/** Groups whose modes are asked for at a time. */
const AT_A_TIME = 20;

/**
 * A group as this actor sees it; undefined where it shows nothing: a private group to a user who is no member, and a
 * dismissed one to a user who wasn't a member at its end.
 */
async function seenBy(as: Caller, actor: Actor, view: GroupView): Promise<SeenGroup | undefined> {
  const plain = { view, muteMode: 0, pushMode: 0 };
  if (actor.type === 'service') return plain;
  const { groupId } = view;
  if (view.status === 'dismissed') {
    const { wasMember } = await as.query('wasMember', { groupId, userId: actor.id });
    return wasMember ? plain : undefined;
  }
  const { profiles } = await as.query('memberProfiles', { groupId, userIds: [actor.id] });
  const [own] = profiles;
  if (own) return { view, muteMode: own.muteMode, pushMode: own.pushMode };
  return view.settings.visibility === 'private' ? undefined : plain;
}

/** One group. Throws 20001 where the actor must not know of it, and 20011 where it is for members. */
export async function seenGroup(as: Caller, actor: Actor, groupId: string): Promise<SeenGroup> {
  const view = await as.query('group', { groupId });
  const seen = await seenBy(as, actor, view);
  if (seen) return seen;
  throw new LanyingError(view.status === 'dismissed' ? 20001 : 20011);
}

/** Several groups, in the order of the ids. Those that don't exist, or show nothing to the actor, are left out. */
export async function seenGroups(as: Caller, actor: Actor, groupIds: readonly string[]): Promise<SeenGroup[]> {
  const found: SeenGroup[] = [];
  for (let from = 0; from < groupIds.length; from += PAGE.maxGroupIds) {
    const views = await viewsOf(as, groupIds.slice(from, from + PAGE.maxGroupIds));
    for (let at = 0; at < views.length; at += AT_A_TIME) {
      // A group may end between the two queries.
      const some = views.slice(at, at + AT_A_TIME).map((view) => unless(GONE, seenBy(as, actor, view)));
      found.push(...(await Promise.all(some)).filter((one) => one !== undefined));
    }
  }
  return found;
}

const GONE = ['GROUP_NOT_FOUND', 'GROUP_DISMISSED', 'DATA_ERASED'] as const;

/** Groups with long texts may be too large together: then they are asked for in halves. */
async function viewsOf(as: Caller, groupIds: string[]): Promise<readonly GroupView[]> {
  try {
    return (await as.query('groups', { groupIds })).groups;
  } catch (error) {
    if (!(error instanceof CohortError) || error.code !== 'TOO_LARGE' || groupIds.length < 2) throw error;
    const half = groupIds.length >> 1;
    return [...(await viewsOf(as, groupIds.slice(0, half))), ...(await viewsOf(as, groupIds.slice(half)))];
  }
}
