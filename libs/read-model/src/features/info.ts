import { CohortError, type GroupView, type QueryAnswers, type QueryData } from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, ReadSide } from '../feature';
import { fitting, MAX_ANSWER_BYTES } from '../pages';
import { groupView } from '../tables/group-reader';
import { SHOWN_COLUMNS, type ShownGroup } from '../tables/groups';

const handlers: GroupHandlers = {
  infoChanged: (group, { name, description, avatar, ext }) => {
    if (name !== undefined) group.name = name;
    if (description !== undefined) group.description = description;
    if (avatar !== undefined) group.avatar = avatar;
    if (ext !== undefined) group.ext = ext;
  },
};

/** Above every `gid`. */
const END = Number.MAX_SAFE_INTEGER;

const appGroups = ({ connection, groups, lists }: ReadSide) => {
  const rows = connection.prepare(
    `SELECT ${SHOWN_COLUMNS} FROM groups g WHERE g.app = ? AND g.live = 1 AND g.gid < ? ORDER BY g.gid DESC LIMIT ?`,
  );
  return lists.overGroups<'appGroups', ShownGroup>({
    name: 'appGroups',
    entries: 'groups',
    of: () => [],
    rows: ({ query: { app } }, after, count) =>
      rows.all(app, after === undefined ? END : groups.gidOf(app, after[0]), count) as ShownGroup[],
    key: ['string'],
    keyOf: ({ id }) => [id],
    view: groupView,
  });
};

const queries = (read: ReadSide) => ({
  group: ({ app, groupId }: QueryData<'group'>): QueryAnswers['group'] => groupView(read.groups.get(app, groupId)),

  groups: ({ app, groupIds }: QueryData<'groups'>): QueryAnswers['groups'] => {
    const found: GroupView[] = [];
    const missing: string[] = [];
    for (const groupId of new Set(groupIds)) {
      const record = read.groups.find(app, groupId);
      if (record === undefined) missing.push(groupId);
      else found.push(groupView(record));
    }
    if (fitting(found) < found.length) {
      throw new CohortError(
        'TOO_LARGE',
        `These groups don't fit into one answer of ${MAX_ANSWER_BYTES} bytes; ask for fewer.`,
      );
    }
    return { groups: found, missing };
  },

  appGroups: appGroups(read),
});

/** Names, texts and pictures of groups. */
export const info = {
  name: 'info',
  open: ({ read }) => ({ group: handlers, queries: queries(read) }),
} satisfies ReadFeature;
