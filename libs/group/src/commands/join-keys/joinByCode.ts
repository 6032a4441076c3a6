import { isSignedBy, readJoinCode, type GroupCommandData, type JoinCode } from '@cohort/contracts';
import { accept, refuse, type DecideContext, type Decision, type Refused } from '../../decision';
import { mustNotBeBlocked } from '../../facts/blocks';
import { usersJoin } from '../../facts/joining';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** A user joins by a code that a member or a service shares. Blocks and capacity hold, visibility and policy don't. */
export function joinByCode(
  { actor, groupId, code, userId }: GroupCommandData<'joinByCode'>,
  group: LiveGroup,
  context: DecideContext,
): Decision {
  const forbidden = mustBeAllowed('joinByCode', actor, group, [userId]);
  if (forbidden) return forbidden;
  const read = validCode(code, groupId, group, context);
  if ('ok' in read) return read;
  if (group.membership.members.has(userId)) return accept([]);
  return mustNotBeBlocked(group, userId) ?? usersJoin(group, [userId], 'code', { by: read.by });
}

function validCode(
  text: string,
  groupId: string,
  { joinKeys: { key } }: LiveGroup,
  { at, joinCodeSecret }: DecideContext,
): JoinCode | Refused {
  const code = readJoinCode(text);
  if (code?.groupId !== groupId || joinCodeSecret === undefined || !isSignedBy(joinCodeSecret, text)) {
    return refuse('JOIN_CODE_INVALID', 'This is no join code of the group.');
  }
  if (code.key !== key) return refuse('JOIN_CODE_EXPIRED', 'The join code was revoked: ask for a new one.');
  if (code.expiresAt <= at) return refuse('JOIN_CODE_EXPIRED', 'The join code has run out: ask for a new one.');
  return code;
}
