import { CohortError } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { AgoraError } from '../errors';
import { body, bool, group, inPath, text, user, userNames } from '../fields';
import { strangersAmong } from '../members-only';
import { operation } from '../operation';
import { done, DONE, entries, MOST, mustSucceed } from '../results';
import { list } from '../views';

const EXAMPLE = done('invite', 'u2', '2306414607729');

/** The vendor refuses to invite into a full group. Cohort alone refuses only the acceptance. */
async function mustHaveRoom(as: Caller, groupId: string, userIds: string[]): Promise<void> {
  const { status, memberCount, capacity } = await as.query('group', { groupId });
  if (status !== 'live' || memberCount < capacity) return;
  const strangers = await strangersAmong(as, groupId, userIds);
  if (strangers.length > 0) throw new CohortError('CAPACITY_REACHED', 'is full');
}

/** Invitations, and the invitees' answers. */
export const invitations = [
  operation('invite', 'POST', '/chatgroups/{group_id}/invite', {
    source: 'Web SDK',
    summary: `invites up to ${MOST} users, with a result for each; without \`invite_need_confirm\` they are members at once`,
    access: 'anyone',
    input: {
      group_id: inPath(group),
      usernames: body.required(userNames(MOST, () => `userNames size is more than max limit : ${MOST}`)),
      welcome: body.optional(text(512, { oneLine: true })),
    },
    does: async ({ as, actor, input: { group_id: groupId, usernames: userIds, welcome: reason } }) => {
      await mustHaveRoom(as, groupId, userIds);
      const answer = await as.command('invite', { groupId, userIds, reason });
      const { results = [] } = answer;
      if (!results.some(({ ok }) => ok)) {
        const member = results.find(({ code }) => code === 'ALREADY_A_MEMBER');
        if (member) {
          const text = `invite users to join group failed, reason:user: ${member.userId} already in group: ${groupId}`;
          throw new AgoraError('forbidden', text);
        }
        mustSucceed(answer);
      }
      return { data: entries(answer, 'invite', groupId, actor) };
    },
    data: { schema: list(DONE), example: [EXAMPLE] },
  }),

  operation('answerInvitation', 'POST', '/chatgroups/{group_id}/invite_verify', {
    source: 'Web SDK',
    summary: 'the invitee accepts or declines',
    access: 'anyone',
    input: {
      group_id: inPath(group),
      invitee: body.required(user),
      verifyResult: body.required(bool),
    },
    does: async ({ as, input: { group_id: groupId, invitee: userId, verifyResult: approve } }) => {
      await as.command('handleInvitation', { groupId, userId, approve });
      return { data: done('invite_verify', userId, groupId) };
    },
    data: { schema: DONE, example: { ...EXAMPLE, action: 'invite_verify' } },
  }),
];
