import { CohortError, type FileView, type QueryAnswers, type QueryData } from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, ReadSide, WriteSide } from '../feature';
import {
  numberedTables,
  openNumbered,
  type NumberedReader,
  type NumberedRow,
  type NumberedWriter,
} from '../numbered-list';
import { isoTime } from '../tables/group-reader';

/** `files`: those that a group has, and those that were removed lately. */
const TABLE = {
  table: 'files',
  columns: {
    name: 'TEXT',
    size: 'INTEGER',
    type: 'TEXT',
    url: 'TEXT',
    uploader: 'TEXT',
    created_at: 'INTEGER',
    updated_at: 'INTEGER',
  },
} as const;

type Column = keyof typeof TABLE.columns;

interface FileRow extends NumberedRow {
  readonly name: string;
  readonly size: number;
  readonly type: string;
  readonly url: string;
  readonly uploader: string;
  readonly created_at: number;
  readonly updated_at: number;
}

function handlers({ connection }: WriteSide, table: NumberedWriter<Column>): GroupHandlers {
  const rename = connection.prepare(
    'UPDATE files SET name = ?, updated_at = ?, changed = ? WHERE gid = ? AND number = ? AND removed = 0',
  );
  return {
    fileShared: (group, { fileId, ...values }) => {
      const { name, size, type, url, uploader } = values;
      const times = { created_at: group.updated_at, updated_at: group.updated_at };
      table.put(group, fileId, { name, size, type, url, uploader, ...times });
    },
    fileRenamed: ({ gid, updated_at, revision }, { fileId, name }) =>
      void rename.run([name, updated_at, revision, gid, Number(fileId)]),
    fileRemoved: (group, { files }) =>
      table.remove(
        group,
        files.map(({ fileId }) => fileId),
      ),
  };
}

const view = ({ number, name, size, type, url, uploader, created_at, updated_at }: FileRow): FileView => ({
  fileId: String(number),
  ...{ name, size, type, url, uploader },
  createdAt: isoTime(created_at),
  updatedAt: isoTime(updated_at),
});

const queries = ({ lists }: ReadSide, table: NumberedReader<FileRow>) => ({
  file: (query: QueryData<'file'>): QueryAnswers['file'] => {
    const { groupId, fileId } = query;
    const group = table.group(query);
    const row = table.find(group, fileId);
    if (row === undefined) {
      throw new CohortError('FILE_NOT_FOUND', `Group ${groupId} has no file ${fileId}.`, { groupId, fileId });
    }
    return { groupId, ...view(row), revision: String(group.revision) };
  },
  files: lists.ofGroup(table.list('files', 'files', view)),
});

/** Files that members share. */
export const files = {
  name: 'files',
  tables: numberedTables(TABLE),
  open: (sides) => {
    const { writer, reader } = openNumbered<FileRow, Column>(sides, TABLE);
    return {
      group: handlers(sides.write, writer),
      eraseGroup: (group) => writer.erase(group),
      queries: queries(sides.read, reader),
    };
  },
} satisfies ReadFeature;
