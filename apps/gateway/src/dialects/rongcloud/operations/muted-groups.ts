import { everyPage } from '@cohort/client';
import { PAGE } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { unless } from '../../../dialect/group-service';
import { done } from '../envelope';
import { groupId, mutedGroupIds, mutedUserIds, optionalGroupIds, page, size } from '../fields';
import { GONE, mustAcceptAll, operation } from '../operation';
import { allowed, mutedGroups } from '../views';

/** Does something in each group. If it fails in one, it is done in the others first. */
async function inEach(groupIds: readonly string[], does: (groupId: string) => Promise<unknown>): Promise<void> {
  const outcomes = await Promise.allSettled(groupIds.map((groupId) => unless(GONE, does(groupId))));
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Entries of a page of muted groups, unless the caller says how many, and at the most. */
const [PAGE_SIZE, MAX_PAGE_SIZE] = [50, 200];

/** One page of the tenant's muted groups. */
async function mutedPage(as: Caller, page = 1, asked = PAGE_SIZE) {
  const size = Math.min(asked, MAX_PAGE_SIZE);
  const start = (page - 1) * size;
  const found: { groupId: string; isMuted: true }[] = [];
  let cursor: string | undefined;
  let seen = 0;
  do {
    const limit = Math.min(start + size - seen, PAGE.maxLimit);
    const answer = await as.query('bannedGroups', { limit, cursor });
    found.push(
      ...answer.groups.slice(Math.max(start - seen, 0)).map(({ groupId }) => ({ groupId, isMuted: true as const })),
    );
    seen += answer.groups.length;
    ({ cursor } = answer);
  } while (cursor !== undefined && found.length < size);
  return found;
}

/** Groups in which only some may speak. */
export const groupsMuted = [
  operation('muteGroups', 'POST', '/group/ban/add.json', {
    source: 'Group.Mute.All.add',
    summary: 'mutes all members of groups, but for owners, admins and the allow-list',
    input: { groupId: mutedGroupIds },
    does: ({ as, input }) => inEach(input.groupId, (groupId) => as.command('banAll', { groupId })),
    answer: done,
  }),

  operation('unmuteGroups', 'POST', '/group/ban/rollback.json', {
    source: 'Group.Mute.All.remove',
    summary: 'ends the mute of all members of groups; mutes of single members stay',
    input: { groupId: mutedGroupIds },
    does: ({ as, input }) => inEach(input.groupId, (groupId) => as.command('unbanAll', { groupId })),
    answer: done,
  }),

  operation('mutedGroups', 'POST', '/group/ban/query.json', {
    source: 'Group.Mute.All.getList',
    summary:
      'returns which of the groups are muted (1); without groups, or with a page or size, a page of all muted groups',
    input: { groupId: optionalGroupIds, page, size },
    does: async ({ as, input: { groupId: groupIds, page, size } }) => {
      if (groupIds === undefined || page !== undefined || size !== undefined) return mutedPage(as, page, size);
      const { groups } = await as.query('groups', { groupIds });
      const found = new Map(groups.map((group) => [group.groupId, group]));
      return groupIds.map((groupId) => ({ groupId, isMuted: found.get(groupId)?.banAll !== undefined }));
    },
    answer: mutedGroups,
  }),

  operation('allow', 'POST', '/group/user/ban/whitelist/add.json', {
    source: 'Group.Mute.Whitelist.add',
    summary: 'lets members speak while their group is muted',
    input: { userId: mutedUserIds, groupId },
    does: async ({ as, input: { userId: userIds, groupId } }) =>
      mustAcceptAll(await unless(GONE, as.command('allowToSpeak', { groupId, userIds })), 'the others may speak'),
    answer: done,
  }),

  operation('disallow', 'POST', '/group/user/ban/whitelist/rollback.json', {
    source: 'Group.Mute.Whitelist.remove',
    summary: 'takes users off the allow-list',
    input: { userId: mutedUserIds, groupId },
    does: ({ as, input: { userId: userIds, groupId } }) =>
      unless(GONE, as.command('disallowToSpeak', { groupId, userIds })),
    answer: done,
  }),

  operation('allowed', 'POST', '/group/user/ban/whitelist/query.json', {
    source: 'Group.Mute.Whitelist.getList',
    summary: 'returns the members on the allow-list',
    input: { groupId },
    does: async ({ as, input: { groupId } }) => {
      const page = (cursor?: string) => as.query('allowList', { groupId, limit: PAGE.maxLimit, cursor });
      return (await unless(GONE, everyPage(page))) ?? [];
    },
    answer: allowed,
  }),
];
