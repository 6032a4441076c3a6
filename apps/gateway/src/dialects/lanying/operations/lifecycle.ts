import { LIMITS, VISIBILITIES } from '@cohort/contracts';
import { mustLive } from '../access';
import { data, yes } from '../envelope';
import { body, groupIdInQuery, lines, text, users, whole } from '../fields';
import { operation } from '../operation';
import { seenGroup } from '../seen';
import { GROUP_INFO, GROUP_INFO_EXAMPLE, groupInfo, TYPES } from '../views';

/** The beginning and the end of a group. */
export const lifecycle = [
  operation('create', 'POST', '/group/create', {
    source: '7.19',
    summary: "creates the acting user's group; user_list are members at once, or invited (see inviteOnCreate)",
    access: 'user',
    input: {
      name: body.required(text(LIMITS.name, 1)),
      type: body.optional(whole(0, VISIBILITIES.length - 1, TYPES)),
      avatar: body.optional(text(LIMITS.avatar)),
      description: body.optional(lines(LIMITS.description)),
      user_list: body.optional(users(LIMITS.createMembers)),
    },
    does: async ({ as, actor, me, input, call }) => {
      const { groupId } = await as.command('create', {
        ...{ name: input.name, owner: me(), members: input.user_list },
        ...(call.tenant.settings.inviteOnCreate ? { inviteMembers: true } : {}),
        ...{ avatar: input.avatar, description: input.description },
        // The vendor's groups let members invite from the beginning.
        settings: { visibility: VISIBILITIES[input.type ?? 0], membersMayInvite: true },
      });
      return seenGroup(as, actor, groupId);
    },
    answer: data(GROUP_INFO, GROUP_INFO_EXAMPLE, groupInfo),
  }),

  operation('destroy', ['POST', 'DELETE'], '/group/destroy', {
    source: '7.20, 7.21',
    summary: 'dismisses the group; only the owner may',
    access: 'actor',
    input: { group_id: groupIdInQuery },
    does: async ({ as, input: { group_id: groupId } }) => {
      // The command succeeds on a group that was dismissed before; here such a group doesn't exist.
      await mustLive(as, groupId);
      return as.command('dismiss', { groupId });
    },
    answer: yes,
  }),
];
