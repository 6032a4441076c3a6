import { CohortError, type AnnouncementView, type QueryAnswers, type QueryData } from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, ReadSide } from '../feature';
import {
  numberedTables,
  openNumbered,
  type NumberedReader,
  type NumberedRow,
  type NumberedWriter,
} from '../numbered-list';
import { isoTime, type GroupRecord } from '../tables/group-reader';

/** `announcements`: those that a group has, and those that were deleted lately. */
const TABLE = {
  table: 'announcements',
  columns: { author: 'TEXT', title: 'TEXT', content: 'TEXT', created_at: 'INTEGER' },
} as const;

type Column = keyof typeof TABLE.columns;

interface AnnouncementRow extends NumberedRow {
  readonly author: string;
  readonly title: string;
  readonly content: string;
  readonly created_at: number;
}

const handlers = (table: NumberedWriter<Column>): GroupHandlers => ({
  announcementPosted: (group, { announcementId, author, title, content }) =>
    table.put(group, announcementId, { author, title, content, created_at: group.updated_at }),
  announcementDeleted: (group, { announcementId }) => table.remove(group, [announcementId]),
});

const view = ({ number, author, title, content, created_at }: AnnouncementRow): AnnouncementView => ({
  announcementId: String(number),
  author,
  title,
  content,
  createdAt: isoTime(created_at),
});

const answer = ({ id: groupId, revision }: GroupRecord, row: AnnouncementRow | undefined, which: string) => {
  if (row === undefined) {
    throw new CohortError('ANNOUNCEMENT_NOT_FOUND', `Group ${groupId} has no announcement${which}.`, { groupId });
  }
  return { groupId, ...view(row), revision: String(revision) };
};

const queries = ({ lists }: ReadSide, table: NumberedReader<AnnouncementRow>) => ({
  announcement: (query: QueryData<'announcement'>): QueryAnswers['announcement'] => {
    const group = table.group(query);
    return answer(group, table.find(group, query.announcementId), ` ${query.announcementId}`);
  },
  lastAnnouncement: (query: QueryData<'lastAnnouncement'>): QueryAnswers['lastAnnouncement'] => {
    const group = table.group(query);
    return answer(group, table.newest(group), '');
  },
  announcements: lists.ofGroup(table.list('announcements', 'announcements', view)),
});

/** Announcements to a group. */
export const announcements = {
  name: 'announcements',
  tables: numberedTables(TABLE),
  open: (sides) => {
    const { writer, reader } = openNumbered<AnnouncementRow, Column>(sides, TABLE);
    return {
      group: handlers(writer),
      eraseGroup: (group) => writer.erase(group),
      queries: queries(sides.read, reader),
    };
  },
} satisfies ReadFeature;
