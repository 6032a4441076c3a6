import { DEFAULT_SETTINGS, type GroupCommandData } from '@cohort/contracts';
import {
  accept,
  distinct,
  groupDismissed,
  mustFit,
  refuse,
  type DecideContext,
  type Decision,
  type Refused,
} from '../../decision';
import { usersInvited } from '../../facts/invitations';
import { groupCreated } from '../../facts/members';
import { mustNotBeReserved } from '../../facts/reserved';
import { mustBeAllowed } from '../../permissions';
import type { GroupState } from '../../state';

/** Creates a group: a user their own, a service one for any owner. */
export function create(data: GroupCommandData<'create'>, state: GroupState, context: DecideContext): Decision {
  const { actor, groupId, name, owner, members = [], inviteMembers = false, capacity = context.groupCapacity } = data;
  const { description, avatar, ext } = data;
  const settings = { ...DEFAULT_SETTINGS, ...data.settings };
  const others = distinct(members).filter((userId) => userId !== owner);
  const [joining, invited] = inviteMembers && settings.inviteNeedsConfirm ? [[], others] : [others, []];
  const expiresAt = context.at + context.limits.invitationMs;
  return (
    mustBeAllowed('create', actor, state, [owner]) ??
    mustBeFree(groupId, state) ??
    mustFit(1 + joining.length, capacity) ??
    accept([
      ...groupCreated(
        {
          name,
          owner,
          numericId: context.numericId,
          capacity,
          ...given({ description, avatar, ext }),
          settings,
        },
        joining,
      ),
      ...usersInvited(invited, 0, { inviter: owner, reason: undefined, expiresAt }),
    ])
  );
}

/** The fields that have a value. */
const given = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

function mustBeFree(groupId: string, state: GroupState): Refused | undefined {
  switch (state.status) {
    case 'live':
      return refuse('GROUP_EXISTS', 'Another command made a group with this id.');
    case 'dismissed':
      return groupDismissed;
    case 'none':
      return mustNotBeReserved(groupId);
  }
}
