import type { UserResult } from '@cohort/contracts';
import type { Schema } from '../../dialect/fields';
import { FILE_SCHEMA, type FileAnswer } from '../../dialect/files/file-answer';
import { reasonOf } from './errors';
import { exact, type Ids, type Int64 } from './ids';
import type { EntryResult } from './named-users';
import type { Answer } from './operation';

const CODE: Schema = { type: 'integer', enum: [200] };
const INT64: Schema = { type: 'integer', format: 'int64' };

const enveloped = (data: Schema): Schema => ({
  type: 'object',
  properties: { code: CODE, data },
  required: ['code', 'data'],
});

/** The answer of an operation that has nothing to return: no `data`. */
export const bare: Answer<unknown> = {
  schema: { type: 'object', properties: { code: CODE }, required: ['code'] },
  example: { code: 200 },
  write: () => ({ code: 200 }),
};

/** `data` as `of` makes it from the result. Ids in it are written with `ids.user` and `ids.group`. */
export const data = <A>(schema: Schema, example: unknown, of: (result: A, ids: Ids) => unknown): Answer<A> => ({
  schema: enveloped(schema),
  example: { code: 200, data: example },
  write: (result, ids) => ({ code: 200, data: of(result, ids) }),
});

/** The bytes of a file. `does` returns them. */
export const bytes: Answer<FileAnswer> = {
  ...{ schema: FILE_SCHEMA, example: undefined, contentType: 'application/octet-stream' },
  write: (file) => file,
};

/** `data: true`, of an operation that succeeds or throws. */
export const yes: Answer<unknown> = data({ type: 'boolean' }, true, () => true);

const RESULT: Schema = {
  type: 'object',
  properties: {
    user_id: INT64,
    result: { type: 'string', enum: ['success', 'fail'] },
    reason: { type: 'string', description: 'why it failed; absent on success' },
  },
  required: ['user_id', 'result'],
};

/** Success or failure of one entry, after its id. */
export const outcome = ({ ok, code }: Pick<UserResult, 'ok' | 'code'>) =>
  ok ? { result: 'success' } : { result: 'fail', reason: reasonOf(code ?? 'INTERNAL') };

/** The results of a command that names users: one for each entry of `user_list`, with its number. */
export const results: Answer<readonly EntryResult[]> = data(
  { type: 'array', items: RESULT },
  [{ user_id: 20, result: 'success' }],
  (list: readonly EntryResult[]) => list.map((one) => ({ user_id: exact(one.number), ...outcome(one) })),
);

/** The result of a command on one user, which succeeded: failures are errors of the call. `does` returns the user's id. */
export const result: Answer<string> = data(RESULT, { user_id: 20, result: 'success' }, (userId, ids) => ({
  user_id: ids.user(userId),
  result: 'success',
}));

/** A part of a list, as a query returns it: a page, or the changes since a version. */
export interface Part<E> {
  readonly entries: readonly E[];
  readonly total: number;
  readonly cursor?: string;
  /** The revision, or the position, that the list was read at. */
  readonly version: string;
  /** Ids that left the list, and whether this is a page of the whole list: of an answer to a `version`. */
  readonly changes?: { readonly removed: readonly string[]; readonly full: boolean };
}

const CURSOR: Schema = { type: 'string', description: 'of the next page; absent on the last one' };

/** A list without versions: `cursor` stands beside `data` if there is more. */
export const listWithCursor = <E>(
  item: Schema,
  example: unknown,
  of: (entry: E, ids: Ids) => unknown,
): Answer<{ readonly entries: readonly E[]; readonly cursor: string | undefined }> => ({
  schema: {
    type: 'object',
    properties: { code: CODE, data: { type: 'array', items: item }, cursor: CURSOR },
    required: ['code', 'data'],
  },
  example: { code: 200, data: [example] },
  write: ({ entries, cursor }, ids) => ({
    code: 200,
    data: entries.map((entry) => of(entry, ids)),
    ...(cursor === undefined ? {} : { cursor }),
  }),
});

/** Pages: `cursor`, `total` and `version` stand beside `data`. The ids in `removed` are shown by `removedId`. */
export const pageOf = <E>(
  item: Schema,
  example: unknown,
  of: (entry: E, ids: Ids) => unknown,
  removedId: (id: string, ids: Ids) => unknown = (id, ids) => ids.user(id),
): Answer<Part<E>> => ({
  schema: {
    type: 'object',
    properties: {
      code: CODE,
      data: { type: 'array', items: item },
      cursor: CURSOR,
      total: { type: 'integer' },
      version: INT64,
      removed: { type: 'array', items: INT64, description: 'of an answer to a version: entries that left' },
      full: { type: 'boolean', description: 'of an answer to a version: data is a page of the whole list' },
    },
    required: ['code', 'data', 'total', 'version'],
  },
  example: { code: 200, data: [example], total: 1, version: 3 },
  write: ({ entries, total, cursor, version, changes }, ids) => ({
    code: 200,
    data: entries.map((entry) => of(entry, ids)),
    ...(cursor === undefined ? {} : { cursor }),
    total,
    version: versionNumber(version),
    ...(changes ? { removed: changes.removed.map((id) => removedId(id, ids)), full: changes.full } : {}),
  }),
});

const versionNumber = (version: string): Int64 =>
  Number.isSafeInteger(Number(version)) ? Number(version) : BigInt(version);

/** Milliseconds since 1970 of a time of a view. */
export const ms = (at: string): number => Date.parse(at);
