import { badField } from '../errors';
import { body, bool, group, inPath, text, user } from '../fields';
import { operation } from '../operation';
import { done, DONE } from '../results';

const EXAMPLE = done('apply', 'u2', '2306414607729');

/** Applications, and the answers of the admins. */
export const applications = [
  operation('apply', 'POST', '/chatgroups/{group_id}/apply', {
    source: 'Web SDK',
    summary: 'the acting user asks to join; in a group without `membersonly` they are a member at once',
    access: 'anyone',
    input: { group_id: inPath(group), message: body.optional(text(512, { oneLine: true })) },
    does: async ({ as, actor, input: { group_id: groupId, message: reason } }) => {
      if (actor.type !== 'user') throw badField('a user applies with their own token');
      await as.command('apply', { groupId, userId: actor.id, reason });
      return { data: done('apply', actor.id, groupId) };
    },
    data: { schema: DONE, example: EXAMPLE },
  }),

  operation('answerApplication', 'POST', '/chatgroups/{group_id}/apply_verify', {
    source: 'Web SDK',
    summary: 'an admin, the owner or the app accepts or declines an application',
    access: 'anyone',
    input: {
      group_id: inPath(group),
      applicant: body.required(user),
      verifyResult: body.required(bool),
    },
    does: async ({ as, input: { group_id: groupId, applicant: userId, verifyResult: approve } }) => {
      await as.command('handleApplication', { groupId, userId, approve });
      return { data: done('apply_verify', userId, groupId) };
    },
    data: { schema: DONE, example: { ...EXAMPLE, action: 'apply_verify' } },
  }),
];
