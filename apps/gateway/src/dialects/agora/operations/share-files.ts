import { CohortError, isOrdinal, PAGE, shortened, type ErrorCode, type FileView } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { addressOf, nameIn } from '@cohort/file-store';
import { answerOf } from '../../../dialect/files/tenant-files';
import { uploadOf } from '../../../dialect/files/upload';
import { uriOf } from '../envelope';
import { AgoraError } from '../errors';
import { group, inPath, query, text, whole } from '../fields';
import { operation, type Row } from '../operation';
import { BOOLEAN, INTEGER, list, ms, object, STRING } from '../views';
import { firstOf, MAX_ENTRIES } from '../whole-list';
import { mustLive } from './lifecycle';

const GROUP = { group_id: inPath(group) };
const FILE = { ...GROUP, file_id: inPath(text(64)) };

const FILE_FIELDS = { file_id: STRING, file_name: STRING, file_size: INTEGER, created: INTEGER };
const EXAMPLE = { file_id: '1', file_name: 'plan.pdf', file_size: 13_512, created: 1790000000000 };

const view = ({ fileId: id, name, size, createdAt }: FileView) => ({
  ...{ file_id: id, file_name: name, file_size: size, created: ms(createdAt) },
});

/** The newest files of a group. */
async function newest(as: Caller, groupId: string, most: number): Promise<readonly FileView[]> {
  const { entries } = await firstOf(async (page) => {
    const { files, total, cursor } = await as.query('files', { groupId, ...page });
    return { entries: files, total, cursor };
  }, most);
  return entries;
}

/** A file of the group. Their ids count from 1. */
async function fileOf(as: Caller, { group_id: groupId, file_id: fileId }: { group_id: string; file_id: string }) {
  if (!isOrdinal(fileId))
    throw new CohortError('FILE_NOT_FOUND', `Group ${groupId} has no file ${shortened(fileId, 64)}.`);
  return as.query('file', { groupId, fileId });
}

/** Stores the bytes first: a file that is listed has them. */
async function share({ as, input: { group_id: groupId }, call }: Row<typeof GROUP>) {
  await mustLive(as, groupId);
  const uploaded = await as.files.take(uploadOf(call), groupId, 'shared');
  if (!uploaded) throw new AgoraError('illegal', 'file must be provided.');
  const { fileName: name, size, type } = uploaded;
  return as.files.with(uploaded, async () => {
    const url = addressOf(uploaded.name);
    const { fileId = '', position } = await as.command('shareFile', { groupId, name, size, type, url });
    return as.query('file', { groupId, fileId, after: position });
  });
}

const REFUSED: Readonly<Partial<Record<ErrorCode, string>>> = {
  FILE_NOT_FOUND: 'The group has no such file.',
  NOT_THE_UPLOADER: 'Only its uploader, the owner and the admins of the group may remove a file.',
};

/** Files that members share, with their bytes. */
export const shareFiles = [
  operation('shareFile', 'POST', '/chatgroups/{group_id}/share_files', {
    source: 'Web SDK',
    summary: 'shares the file of the form; a member',
    access: 'member',
    input: GROUP,
    file: 'taken',
    does: async (row) => {
      const { file_id, file_name, file_size, created } = view(await share(row));
      const file_url = `${uriOf(row.call)}/${file_id}`;
      return { data: { file_url, group_id: row.input.group_id, file_name, created, file_id, file_size } };
    },
    data: {
      schema: object({ file_url: STRING, group_id: STRING, ...FILE_FIELDS }),
      example: {
        file_url: 'https://example.org/demo/demo/chatgroups/2306414607729/share_files/1',
        ...{ group_id: '2306414607729', ...EXAMPLE },
      },
    },
  }),

  operation('sharedFiles', 'GET', '/chatgroups/{group_id}/share_files', {
    source: 'Web SDK',
    summary: 'returns the files, the newest first: all, or a page; pages count from 1',
    access: 'member',
    input: {
      ...GROUP,
      pagenum: query.optional(whole(0, 1_000_000)),
      pagesize: query.optional(whole(1, PAGE.maxLimit)),
    },
    does: async ({ as, input: { group_id: groupId, pagenum, pagesize } }) => {
      const isPaged = pagenum !== undefined || pagesize !== undefined;
      const size = isPaged ? (pagesize ?? PAGE.maxLimit) : MAX_ENTRIES;
      const from = isPaged ? Math.max(0, (pagenum ?? 1) - 1) * size : 0;
      const found = (await newest(as, groupId, Math.min(from + size, MAX_ENTRIES))).slice(from, from + size);
      return { data: found.map((one) => ({ ...view(one), file_owner: one.uploader })) };
    },
    data: {
      schema: list(object({ ...FILE_FIELDS, file_owner: STRING })),
      example: [{ ...EXAMPLE, file_owner: 'u1' }],
    },
  }),

  operation('downloadFile', 'GET', '/chatgroups/{group_id}/share_files/{file_id}', {
    source: 'Web SDK',
    summary: "returns a file's bytes, never as a page",
    access: 'member',
    input: FILE,
    file: 'returned',
    does: async ({ as, input }) => {
      const { groupId, name, type, url } = await fileOf(as, input);
      return answerOf(await as.files.open(nameIn(url), groupId), name, type);
    },
    data: { schema: STRING, example: undefined },
  }),

  operation('removeFile', 'DELETE', '/chatgroups/{group_id}/share_files/{file_id}', {
    source: 'Web SDK',
    summary: 'removes a file and its bytes; its uploader, an admin or the owner',
    access: 'member',
    input: FILE,
    does: async ({ as, input }) => {
      const { groupId, fileId, url } = await fileOf(as, input);
      const { fileResults = [] } = await as.command('removeFiles', { groupId, fileIds: [fileId] });
      const { code } = fileResults.find(({ ok }) => !ok) ?? {};
      if (code !== undefined) throw new CohortError(code, REFUSED[code] ?? `File ${fileId} was not removed: ${code}.`);
      await as.files.forget(nameIn(url));
      return { data: { group_id: groupId, file_id: fileId, result: true } };
    },
    data: {
      schema: object({ group_id: STRING, file_id: STRING, result: BOOLEAN }),
      example: { group_id: '2306414607729', file_id: '1', result: true },
    },
  }),
];
