import { LIMITS, markOfText, type GroupCommandData } from '@cohort/contracts';
import { accept, distinct, notAMember, refuse, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import { extraAfter, profileOf } from '../../state/member-profile';
import type { LiveGroup } from '../../state';

/** Sets and removes keys of a member's own data; the event names only what differs. */
export function setMemberExtra(data: GroupCommandData<'setMemberExtra'>, group: LiveGroup): Decision {
  const { actor, userId, remove = [] } = data;
  const set = Object.fromEntries((data.set ?? []).map(({ key, text }) => [key, text]));
  const forbidden = mustBeAllowed('setMemberExtra', actor, group, [userId]);
  if (forbidden) return forbidden;
  if (!group.membership.members.has(userId)) return notAMember(userId);
  const { extra = {} } = profileOf(group.memberProfile, userId);
  const has = (key: string) => Object.hasOwn(extra, key);
  const differs = Object.entries(set).filter(([key, text]) => !has(key) || extra[key] !== markOfText(text));
  const removed = distinct(remove).filter((key) => has(key) && !Object.hasOwn(set, key));
  if (differs.length === 0 && removed.length === 0) return accept([]);
  const keys = Object.keys(extraAfter(extra, set, removed)).length;
  if (keys > LIMITS.extraKeys) {
    const message = `A member's own data may have at most ${LIMITS.extraKeys} keys; it would have ${keys}.`;
    return refuse('EXTRA_KEYS_REACHED', message, { limit: LIMITS.extraKeys, wanted: keys });
  }
  return accept([{ type: 'memberExtraSet', data: { userId, set: Object.fromEntries(differs), removed } }]);
}
