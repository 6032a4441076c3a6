import { createHash } from 'node:crypto';
import { CohortError } from '@cohort/contracts';

/** What a cursor belongs to: it is refused for any other list, app or store. */
export interface CursorScope {
  readonly list: string;
  readonly app: string;
  readonly store: string;
  /** What else the list was asked by: the group, the user, the role. */
  readonly of: readonly string[];
}

/** Where a page ends. */
export interface CursorPlace {
  /** Key of the page's last entry. */
  readonly key: readonly (string | number)[];
  /** Revision (or position, for lists over several groups) of the first page. */
  readonly revision: string;
}

/** Opaque to callers: base64url of a JSON array, at most some 700 characters. */
export function encodeCursor(scope: CursorScope, { key, revision }: CursorPlace): string {
  const { list, app, store } = scope;
  return Buffer.from(JSON.stringify([list, app, store, hashOf(scope), key, revision])).toString('base64url');
}

/** Takes a caller's cursor apart. Throws `CURSOR_INVALID` when it isn't one, or belongs to something else. */
export function decodeCursor(scope: CursorScope, cursor: string): CursorPlace {
  const [list, app, store, hash, key, revision] = parse(cursor);
  const isKey = Array.isArray(key) && key.every((part) => typeof part === 'string' || Number.isSafeInteger(part));
  if (!isKey || typeof revision !== 'string' || !/^\d{1,20}$/.test(revision)) {
    throw new CohortError('CURSOR_INVALID', 'cursor is not one that a page of this service carried.');
  }
  if (list !== scope.list || app !== scope.app || hash !== hashOf(scope)) {
    throw new CohortError('CURSOR_INVALID', 'cursor belongs to another list: give it with the same query only.');
  }
  if (store !== scope.store) {
    throw new CohortError('CURSOR_INVALID', 'cursor belongs to another event store: begin at the first page.');
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

/** Short, because ids may be long: a cursor must stay within its limit. */
const hashOf = ({ of }: CursorScope): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('base64url').slice(0, 12);
