import { everyPage } from '@cohort/client';
import { CohortError, PAGE, type ErrorCode } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { AgoraError } from '../errors';
import { body, group, inPath, text } from '../fields';
import { operation } from '../operation';
import { BOOLEAN, object, STRING } from '../views';
import { mustBeEnabled } from './lifecycle';

const ANNOUNCEMENT = {
  ...text(512, { tooLong: () => new AgoraError('announcementTooLong', 'announce info length exceeds limit!') }),
  missing: () => new AgoraError('illegal', 'announcement is null'),
};

/** Answers `instead` for an error of this code. */
async function unless<T, U>(code: ErrorCode, answer: Promise<T>, instead: () => U | Promise<U>): Promise<T | U> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof CohortError) || error.code !== code) throw error;
    return instead();
  }
}

/** The newest announcement of the group; empty without one. */
const announcementOf = async (as: Caller, groupId: string): Promise<string> => {
  const none = { content: '' };
  const { content } = await unless('ANNOUNCEMENT_NOT_FOUND', as.query('lastAnnouncement', { groupId }), () => none);
  return content;
};

/** The ids of the group's announcements, the newest first. */
async function idsOf(as: Caller, groupId: string): Promise<string[]> {
  const pages = await everyPage((cursor?: string) =>
    as.query('announcements', { groupId, limit: PAGE.maxLimit, ...(cursor !== undefined && { cursor }) }),
  );
  return pages.flatMap(({ announcements }) => announcements.map(({ announcementId }) => announcementId));
}

const remove = (as: Caller, groupId: string, announcementId: string) =>
  unless('ANNOUNCEMENT_NOT_FOUND', as.command('deleteAnnouncement', { groupId, announcementId }), () => undefined);

/** A disabled group refuses this even if there is nothing to remove. */
async function removeAll(as: Caller, groupId: string): Promise<void> {
  await mustBeEnabled(as, groupId);
  for (const id of await idsOf(as, groupId)) await remove(as, groupId, id);
}

/** Sets the announcement. Older ones stay in the group's list as long as it has room. An empty text removes all. */
async function announce(as: Caller, groupId: string, content: string): Promise<void> {
  if (content === '') return removeAll(as, groupId);
  const post = () => as.command('postAnnouncement', { groupId, title: '', content });
  await unless('ANNOUNCEMENT_LIMIT_REACHED', post(), async () => {
    const oldest = (await idsOf(as, groupId)).at(-1);
    if (oldest !== undefined) await remove(as, groupId, oldest);
    return post();
  });
}

/** The text that a group shows to its members. */
export const announcement = [
  operation('announcement', 'GET', '/chatgroups/{group_id}/announcement', {
    source: 'SDKs',
    summary: 'returns the announcement; empty without one',
    access: 'member',
    input: { group_id: inPath(group) },
    does: async ({ as, input: { group_id: groupId } }) => ({
      data: { announcement: await announcementOf(as, groupId) },
    }),
    data: { schema: object({ announcement: STRING }), example: { announcement: 'All is well.' } },
  }),

  operation('announce', 'POST', '/chatgroups/{group_id}/announcement', {
    source: 'SDKs',
    summary: 'sets the announcement; an empty text removes it',
    access: 'admin',
    input: { group_id: inPath(group), announcement: body.required(ANNOUNCEMENT) },
    does: async ({ as, input: { group_id: id, announcement: content } }) => {
      await announce(as, id, content);
      return { data: { id, result: true } };
    },
    data: { schema: object({ id: STRING, result: BOOLEAN }), example: { id: '2306414607729', result: true } },
  }),
];
