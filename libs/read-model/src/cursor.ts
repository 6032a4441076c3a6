import { createHash } from 'node:crypto';
import { CohortError } from '@cohort/contracts';

/** What a cursor belongs to. It is rejected with any other list, tenant or store. */
export interface CursorScope {
  readonly list: string;
  readonly app: string;
  readonly store: string;
  /** The query's other parameters: the group, the user, the role. */
  readonly of: readonly string[];
  /** The types of the parts of a key. */
  readonly key: readonly ('number' | 'string')[];
}

/** The end of a page. */
export interface CursorPlace {
  /** Key of the page's last entry. */
  readonly key: readonly (string | number)[];
  /** Revision of the first page, or its position where a list goes over several groups. */
  readonly revision: string;
}

/** Opaque to callers: base64url of a JSON array, at most some 700 characters. */
export function encodeCursor(scope: CursorScope, { key, revision }: CursorPlace): string {
  const { list, app, store } = scope;
  return Buffer.from(JSON.stringify([list, app, store, hashOf(scope), key, revision])).toString('base64url');
}

/** Reads a caller's cursor. Throws `CURSOR_INVALID` if it isn't one, or if it belongs to something else. */
export function decodeCursor(scope: CursorScope, cursor: string): CursorPlace {
  const [list, app, store, hash, key, revision] = parse(cursor);
  if (!Array.isArray(key) || typeof revision !== 'string' || !/^\d{1,20}$/.test(revision)) {
    throw new CohortError('CURSOR_INVALID', 'cursor is malformed: pass the cursor of an earlier answer unchanged.');
  }
  if (list !== scope.list || app !== scope.app || hash !== hashOf(scope)) {
    throw new CohortError('CURSOR_INVALID', 'cursor belongs to another list: give it with the same query only.');
  }
  if (store !== scope.store) {
    throw new CohortError('CURSOR_INVALID', 'cursor belongs to another event store: begin at the first page.');
  }
  const isPart = (part: unknown, i: number) =>
    scope.key[i] === 'number' ? Number.isSafeInteger(part) : typeof part === 'string';
  if (key.length !== scope.key.length || !key.every(isPart)) {
    throw new CohortError('CURSOR_INVALID', 'cursor is not valid for this list: begin at the first page.');
  }
  return { key: key as (string | number)[], revision };
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** A short hash in place of the ids, which may be long: a cursor has a limit. */
const hashOf = ({ of }: CursorScope): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('base64url').slice(0, 12);
