import { everyPage } from '@cohort/client';
import { PAGE } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { unless } from '../../../dialect/group-service';
import { done } from '../envelope';
import { minute, mutedUserIds, optionalGroupId } from '../fields';
import { GONE, mustAcceptAll, operation, untilCarriedOut, WAIT } from '../operation';
import { muted } from '../views';

const MINUTE_MS = 60_000;

/** Mutes the user in all their groups, or lifts their mutes, and waits until it is done. */
async function everywhere(as: Caller, userId: string, mute?: { readonly durationMs: number | undefined }) {
  const { request } = mute
    ? await as.command('banUserEverywhere', { userId, ...mute })
    : await as.command('unbanUserEverywhere', { userId });
  const progress = await as.query('banEverywhere', { userId, request, waitMs: WAIT.waitMs }, WAIT.options);
  await untilCarriedOut(as, mute ? 'mute in all groups' : 'end of the mutes in all groups', progress);
}

/** Who may not speak. */
export const mutes = [
  operation('mute', 'POST', '/group/user/gag/add.json', {
    source: 'Group.Gag.add, Group.Mute.Member.add',
    summary: 'mutes members for some minutes, or for ever (0); without a group, users in all their groups',
    input: { userId: mutedUserIds, minute, groupId: optionalGroupId },
    does: async ({ as, input: { userId: userIds, minute, groupId } }) => {
      const durationMs = minute === 0 ? undefined : minute * MINUTE_MS;
      if (groupId === undefined) {
        await Promise.all(userIds.map((userId) => everywhere(as, userId, { durationMs })));
        return;
      }
      const answer = await unless(GONE, as.command('ban', { groupId, userIds, durationMs }));
      mustAcceptAll(answer, 'the others are muted');
    },
    answer: done,
  }),

  operation('unmute', 'POST', '/group/user/gag/rollback.json', {
    source: 'Group.Gag.remove, Group.Mute.Member.remove',
    summary: 'lifts the mutes of users in a group; without a group, in all groups',
    input: { userId: mutedUserIds, groupId: optionalGroupId },
    does: async ({ as, input: { userId: userIds, groupId } }) => {
      if (groupId === undefined) await Promise.all(userIds.map((userId) => everywhere(as, userId)));
      else await unless(GONE, as.command('unban', { groupId, userIds }));
    },
    answer: done,
  }),

  operation('muted', 'POST', '/group/user/gag/list.json', {
    source: 'Group.Gag.getList, Group.Mute.Member.getList',
    summary: 'returns the muted users of a group, or of all groups, with the end of each mute',
    input: { groupId: optionalGroupId },
    does: async ({ as, input: { groupId } }) => {
      if (groupId === undefined) {
        const all = await everyPage((cursor?: string) => as.query('bannedUsers', { limit: PAGE.maxLimit, cursor }));
        return all.flatMap(({ users }) => users);
      }
      const page = (cursor?: string) => as.query('banned', { groupId, limit: PAGE.maxLimit, cursor });
      const pages = (await unless(GONE, everyPage(page))) ?? [];
      return pages.flatMap(({ banned }) => banned);
    },
    answer: muted,
  }),
];
