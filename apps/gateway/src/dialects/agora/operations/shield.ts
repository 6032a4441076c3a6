import type { MuteMode } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { badField } from '../errors';
import { group, inPath } from '../fields';
import { operation } from '../operation';
import { done, DONE, profilesOf } from '../results';
import { isShielded, NO_MESSAGES } from '../views';
import { mustBeEnabled } from './lifecycle';

const ALL_MESSAGES: MuteMode = 0;

/** A member who gets messages without notifications keeps that. */
async function change(as: Caller, groupId: string, userId: string, shielded: boolean): Promise<void> {
  const { profiles } = await profilesOf(as, groupId, [userId]);
  if (!shielded && profiles[0] && !isShielded(profiles[0])) return mustBeEnabled(as, groupId);
  await as.command('setMuteMode', { groupId, userId, mode: shielded ? NO_MESSAGES : ALL_MESSAGES });
}

const row = (name: string, method: 'POST' | 'DELETE', shielded: boolean, summary: string) =>
  operation(name, method, '/chatgroups/{group_id}/shield', {
    source: 'Web SDK',
    summary,
    access: 'member',
    input: { group_id: inPath(group) },
    does: async ({ as, actor, input: { group_id: groupId } }) => {
      if (actor.type !== 'user') throw badField('a user shields themselves with their own token');
      await change(as, groupId, actor.id, shielded);
      return { data: done(name, actor.id, groupId) };
    },
    data: { schema: DONE, example: done(name, 'u2', '2306414607729') },
  });

/** Whether a member gets the messages of a group. */
export const shield = [
  row('shield', 'POST', true, 'the acting user gets no more messages of the group'),
  row('unshield', 'DELETE', false, 'the acting user gets the messages of the group again'),
];
