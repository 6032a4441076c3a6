import type { QueryAnswers, QueryData } from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, ReadSide, WriteSide } from '../feature';
import type { GroupRow } from '../tables/groups';
import type { Tables } from '../tables/schema';

/** `group_attributes`: the attributes of each group that has any, as JSON. */
const tables: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS group_attributes (
      gid INTEGER PRIMARY KEY,
      attributes TEXT NOT NULL
    ) STRICT;
  `,
  order: { group_attributes: 'gid' },
};

type Texts = Readonly<Record<string, string>>;

/** Reads the attributes of a group. */
function reader({ connection }: Pick<ReadSide, 'connection'>): (gid: number) => Texts | undefined {
  const select = connection.prepare('SELECT attributes FROM group_attributes WHERE gid = ?');
  return (gid) => {
    const row = select.get(gid) as { readonly attributes: string } | undefined;
    return row && (JSON.parse(row.attributes) as Texts);
  };
}

function handlers({ connection }: WriteSide): GroupHandlers {
  const attributesOf = reader({ connection });
  const replace = connection.prepare('INSERT OR REPLACE INTO group_attributes (gid, attributes) VALUES (?, ?)');
  const remove = connection.prepare('DELETE FROM group_attributes WHERE gid = ?');
  return {
    attributesSet: ({ gid }, { set, removed }) => {
      const gone = new Set(removed);
      const kept = Object.entries(attributesOf(gid) ?? {}).filter(([key]) => !gone.has(key));
      const entries = Object.entries(Object.fromEntries([...kept, ...Object.entries(set)]));
      if (entries.length === 0) remove.run([gid]);
      else replace.run([gid, JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))))]);
    },
  };
}

const queries = ({ connection, groups }: ReadSide) => {
  const attributesOf = reader({ connection });
  return {
    attributes: ({ app, groupIds }: QueryData<'attributes'>): QueryAnswers['attributes'] => ({
      groups: [...new Set(groupIds)].flatMap((groupId) => {
        const group = groups.find(app, groupId);
        const attributes = group && attributesOf(group.gid);
        return attributes === undefined ? [] : [{ groupId, attributes }];
      }),
    }),
  };
};

/** Attributes of groups, which vendors' APIs have and no rule knows. */
export const attributes = {
  name: 'attributes',
  tables,
  open: ({ write, read }) => {
    const erase = write.connection.prepare('DELETE FROM group_attributes WHERE gid = ?');
    return {
      group: handlers(write),
      eraseGroup: ({ gid }: GroupRow) => void erase.run([gid]),
      queries: queries(read),
    };
  },
} satisfies ReadFeature;
