import { everyPage } from '@cohort/client';
import { LIMITS, PAGE, type AnnouncementView, type QueryAnswers } from '@cohort/contracts';
import { bare, data, ms } from '../envelope';
import { body, groupId, groupIdInQuery, ordinal, lines, query, text } from '../fields';
import type { Ids } from '../ids';
import { operation } from '../operation';
import { INT64, MS, object, STRING } from '../views';

const ANNOUNCEMENT = object({
  id: INT64,
  group_id: INT64,
  author: INT64,
  title: STRING,
  content: STRING,
  created_at: MS,
});
const EXAMPLE = {
  ...{ id: 1, group_id: 2306414607729, author: 20, title: 'News', content: 'All is well.' },
  created_at: 1790000000000,
};

type Announcement = AnnouncementView & { readonly groupId: string };

const announcement = ({ announcementId, groupId, author, title, content, createdAt }: Announcement, ids: Ids) => ({
  id: Number(announcementId),
  group_id: ids.group(groupId),
  author: ids.user(author),
  title,
  content,
  created_at: ms(createdAt),
});

const one = data(ANNOUNCEMENT, EXAMPLE, announcement);

/** Announcements to a group. */
export const announcements = [
  operation('postAnnouncement', 'POST', '/group/announcement/edit', {
    source: '7.8',
    summary: 'posts an announcement; by an admin',
    access: 'actor',
    input: {
      group_id: groupId,
      title: body.required(text(LIMITS.announcementTitle)),
      content: body.required(lines(LIMITS.announcementContent, 1)),
    },
    does: async ({ as, input: { group_id: groupId, title, content } }) => {
      const { announcementId = '', position } = await as.command('postAnnouncement', { groupId, title, content });
      return as.query('announcement', { groupId, announcementId, after: position });
    },
    answer: one,
  }),

  operation('announcement', 'GET', '/group/announcement', {
    source: '7.5',
    summary: 'returns an announcement',
    access: 'member',
    input: { group_id: groupIdInQuery, announcement_id: query.required(ordinal) },
    does: ({ as, input }) =>
      as.query('announcement', { groupId: input.group_id, announcementId: input.announcement_id }),
    answer: one,
  }),

  operation('lastAnnouncement', 'GET', '/group/announcement/last', {
    source: '7.9',
    summary: 'returns the newest announcement',
    access: 'member',
    input: { group_id: groupIdInQuery },
    does: ({ as, input }) => as.query('lastAnnouncement', { groupId: input.group_id }),
    answer: one,
  }),

  operation('announcements', 'GET', '/group/announcement/list', {
    source: '7.10',
    summary: 'returns all announcements, the newest first',
    access: 'member',
    input: { group_id: groupIdInQuery },
    does: async ({ as, input: { group_id: groupId } }) => {
      const pages: readonly QueryAnswers['announcements'][] = await everyPage((cursor?: string) =>
        as.query('announcements', { groupId, limit: PAGE.maxLimit, cursor }),
      );
      return pages.flatMap((page) => page.announcements.map((each) => ({ ...each, groupId })));
    },
    answer: data({ type: 'array', items: ANNOUNCEMENT }, [EXAMPLE], (list: readonly Announcement[], ids) =>
      list.map((each) => announcement(each, ids)),
    ),
  }),

  operation('deleteAnnouncement', ['POST', 'DELETE'], '/group/announcement/delete', {
    source: '7.6, 7.7',
    summary: 'deletes an announcement; by an admin',
    access: 'actor',
    input: { group_id: groupIdInQuery, announcement_id: query.required(ordinal) },
    does: ({ as, input }) =>
      as.command('deleteAnnouncement', { groupId: input.group_id, announcementId: input.announcement_id }),
    answer: bare,
  }),
];
