import { everyPage } from '@cohort/client';
import { isOrdinal, LIMITS, PAGE, type CommandAnswer, type FileView, type QueryAnswers } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import type { Schema } from '../../../dialect/fields';
import { nameIn } from '@cohort/file-store';
import { answerOf } from '../../../dialect/files/tenant-files';
import { FILE_DOWNLOAD_PATH } from '../auth';
import { bytes, data, ms, outcome, yes } from '../envelope';
import { badField } from '../errors';
import { addressAt, TICKET_LENGTH } from '../addresses';
import {
  body,
  groupId,
  groupIdInQuery,
  NO_ORDINAL,
  numbers,
  ordinal,
  orElse,
  query,
  text,
  whole,
  type LanyingCall,
} from '../fields';
import { exact, type Ids } from '../ids';
import { operation } from '../operation';
import { INT64, MS, object, STRING } from '../views';

const FILE = object({
  file_id: INT64,
  group_id: INT64,
  name: STRING,
  size: INT64,
  type: STRING,
  uploader: INT64,
  url: STRING,
  created_at: MS,
  updated_at: MS,
});
const EXAMPLE = {
  ...{ file_id: 1, group_id: 2306414607729, name: 'plan.pdf', size: 1024, type: 'pdf', uploader: 20 },
  ...{ url: 'https://example.org/plan.pdf', created_at: 1790000000000, updated_at: 1790000000000 },
};

type FileResult = NonNullable<CommandAnswer<'removeFiles'>['fileResults']>[number];
type SharedFile = FileView & { readonly groupId: string };

const file = ({ fileId, groupId, name, size, type, uploader, url, createdAt, updatedAt }: SharedFile, ids: Ids) => ({
  file_id: Number(fileId),
  group_id: ids.group(groupId),
  ...{ name, size, type },
  uploader: ids.user(uploader),
  url,
  created_at: ms(createdAt),
  updated_at: ms(updatedAt),
});

const one = data(FILE, EXAMPLE, file);

/** Milliseconds for which the address of a file that is here can be opened. */
const OPEN_MS = 24 * 3_600_000;

/** The file that an address opens. */
interface Claims {
  readonly group: string;
  readonly file: string;
}

/** Files whose bytes are here get an address that this caller can open. All others have the one that they were shared with. */
const openable = (as: Caller, call: LanyingCall, files: readonly SharedFile[]): Promise<SharedFile[]> =>
  Promise.all(
    files.map(async (each) => {
      if (nameIn(each.url) === undefined) return each;
      const claims: Claims = { group: each.groupId, file: each.fileId };
      const url = addressAt(call, FILE_DOWNLOAD_PATH, { ticket: await as.files.ticket('download', claims, OPEN_MS) });
      return { ...each, url };
    }),
  );
const openableOne = async (as: Caller, call: LanyingCall, each: SharedFile) => (await openable(as, call, [each]))[0]!;

const RESULT: Schema = {
  type: 'object',
  properties: {
    file_id: INT64,
    result: { type: 'string', enum: ['success', 'fail'] },
    reason: { type: 'string', description: 'why it failed; absent on success' },
  },
  required: ['file_id', 'result'],
};

/** Files that members share: what describes them. */
export const files = [
  operation('shareFile', 'POST', '/group/file/upload', {
    source: '7.30',
    summary: 'shares a file that is already at `url`',
    access: 'actor',
    input: {
      group_id: groupId,
      name: body.required(text(LIMITS.fileName, 1)),
      size: body.required(whole(0, Number.MAX_SAFE_INTEGER)),
      url: body.required(text(LIMITS.url, 1)),
      type: orElse(body.optional(text(LIMITS.fileType)), ''),
    },
    does: async ({ as, input: { group_id: groupId, ...described } }) => {
      if (nameIn(described.url) !== undefined) throw badField('url', 'must not name bytes that are here');
      const { fileId = '', position } = await as.command('shareFile', { groupId, ...described });
      return as.query('file', { groupId, fileId, after: position });
    },
    answer: one,
  }),

  operation('file', 'GET', '/group/file', {
    source: '7.24',
    summary: 'returns a file',
    access: 'member',
    input: { group_id: groupIdInQuery, file_id: query.required(ordinal) },
    does: async ({ as, call, input }) =>
      openableOne(as, call, await as.query('file', { groupId: input.group_id, fileId: input.file_id })),
    answer: one,
  }),

  operation('files', 'GET', '/group/file/list', {
    source: '7.27',
    summary: 'returns all files, the newest first',
    access: 'member',
    input: { group_id: groupIdInQuery },
    does: async ({ as, call, input: { group_id: groupId } }) => {
      const pages: readonly QueryAnswers['files'][] = await everyPage((cursor?: string) =>
        as.query('files', { groupId, limit: PAGE.maxLimit, cursor }),
      );
      const all = pages.flatMap((page) => page.files.map((each) => ({ ...each, groupId })));
      return openable(as, call, all);
    },
    answer: data({ type: 'array', items: FILE }, [EXAMPLE], (list: readonly SharedFile[], ids) =>
      list.map((each) => file(each, ids)),
    ),
  }),

  operation('downloadFile', 'GET', FILE_DOWNLOAD_PATH, {
    source: 'Web SDK',
    summary: 'returns the bytes of a file that is here, for 24 hours; the ticket of the address is the token',
    access: 'anyone',
    input: { ticket: query.required(text(TICKET_LENGTH, 1)) },
    does: async ({ as, input }) => {
      const claims = await as.files.claims<Claims>('download', input.ticket);
      if (!claims) throw badField('ticket', 'is not valid, or its time is over');
      const { groupId, name, type, url } = await as.query('file', { groupId: claims.group, fileId: claims.file });
      return answerOf(await as.files.open(nameIn(url), groupId), name, type);
    },
    answer: bytes,
  }),

  operation('renameFile', ['POST', 'PUT'], '/group/file/update_name', {
    source: '7.28, 7.29',
    summary: 'renames a file; by its uploader or an admin',
    access: 'actor',
    input: { group_id: groupId, file_id: body.required(ordinal), name: body.required(text(LIMITS.fileName, 1)) },
    does: ({ as, input }) =>
      as.command('renameFile', { groupId: input.group_id, fileId: input.file_id, name: input.name }),
    answer: yes,
  }),

  operation('deleteFiles', ['POST', 'DELETE'], '/group/file/delete', {
    source: '7.25, 7.26',
    summary: 'removes files, each by its uploader or an admin',
    access: 'actor',
    input: { group_id: groupId, file_list: body.required(numbers(LIMITS.filesPerCommand)) },
    does: async ({ as, input: { group_id: groupId, file_list: given } }) => {
      const known = given.filter(isOrdinal);
      const fileIds = known.length > 0 ? known : [NO_ORDINAL];
      const { fileResults = [] } = await as.command('removeFiles', { groupId, fileIds });
      const found = new Map(fileResults.map((one) => [one.fileId, one]));
      return given.map((fileId): FileResult => found.get(fileId) ?? { fileId, ok: false, code: 'FILE_NOT_FOUND' });
    },
    answer: data({ type: 'array', items: RESULT }, [{ file_id: 1, result: 'success' }], (list: readonly FileResult[]) =>
      list.map((one) => ({ file_id: exact(one.fileId), ...outcome(one) })),
    ),
  }),
];
