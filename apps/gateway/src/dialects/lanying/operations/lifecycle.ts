import { mustLive } from '../access';
import { yes } from '../envelope';
import { groupIdInQuery } from '../fields';
import { operation } from '../operation';

/** The beginning and the end of a group. */
export const lifecycle = [
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
