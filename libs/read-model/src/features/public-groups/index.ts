import type { QueryAnswers, QueryData } from '@cohort/contracts';
import type { ReadFeature, ReadSide } from '../../feature';
import { groupView } from '../../tables/group-reader';
import { SHOWN_COLUMNS, type ShownGroup } from '../../tables/groups';
import { PUBLIC_GROUPS, PublicGroupTable } from './table';
import { matchOf } from './words';

/** Above every `gid`. */
const END = Number.MAX_SAFE_INTEGER;

const queries = ({ connection, groups, lists }: ReadSide) => {
  const page = connection.prepare(
    `SELECT ${SHOWN_COLUMNS} FROM public_groups p JOIN groups g ON g.gid = p.gid
     WHERE p.app = ? AND p.gid < ? ORDER BY p.gid DESC LIMIT ?`,
  );
  const count = connection.prepare('SELECT count(*) AS count FROM public_groups WHERE app = ?');
  const found = connection.prepare(
    `SELECT ${SHOWN_COLUMNS} FROM public_names n JOIN groups g ON g.gid = n.rowid
     WHERE public_names MATCH ? AND n.rowid < ? ORDER BY n.rowid DESC LIMIT ?`,
  );
  const keyOf = ({ id }: ShownGroup): [string] => [id];
  const list = lists.overGroups<'publicGroups', ShownGroup>({
    name: 'publicGroups',
    entries: 'groups',
    of: () => [],
    rows: ({ query: { app } }, after, limit) =>
      page.all(app, after === undefined ? END : groups.gidOf(app, after[0]), limit) as ShownGroup[],
    key: ['string'],
    keyOf,
    view: groupView,
  });

  return {
    publicGroups: (query: QueryData<'publicGroups'>): QueryAnswers['publicGroups'] => ({
      ...list(query),
      total: (count.get(query.app) as { count: number }).count,
    }),

    searchGroups: lists.overGroups<'searchGroups', ShownGroup>({
      name: 'searchGroups',
      entries: 'groups',
      of: ({ text }) => [text],
      rows: ({ query: { app, text } }, after, limit) => {
        const match = matchOf(app, text);
        if (match === undefined) return [];
        return found.all(match, after === undefined ? END : groups.gidOf(app, after[0]), limit) as ShownGroup[];
      },
      key: ['string'],
      keyOf,
      view: groupView,
    }),
  };
};

/** Public groups are listed, and found by their names. */
export const publicGroups = {
  name: 'public-groups',
  tables: PUBLIC_GROUPS,
  open: ({ write, read }) => {
    write.groups.observe(new PublicGroupTable(write.connection));
    return { queries: queries(read) };
  },
} satisfies ReadFeature;
