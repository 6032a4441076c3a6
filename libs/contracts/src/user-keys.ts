import { isAppId, isId } from './ids';
import { METADATA_STREAM_PREFIX, USER_KEY_STREAM_PREFIX, type Owned } from './streams';

/**
 * The keys of users' personal texts, as they are in the log (docs/decisions/0006-personal-text.md). Whoever may read these
 * streams can read the texts.
 */

/** The types of events in a key stream: the user has this key from now on; all keys before this event are erased. */
export const KEY_MADE = 'keyMade';
export const KEYS_ERASED = 'keysErased';

/** `keyMade`. The key's number is the event's revision, counted from 1. */
export interface KeyMade {
  /** base64url of 32 bytes. */
  readonly key: string;
}

const KEY = /^[A-Za-z0-9_-]{43}$/;

/** What an event of the log means for the keys of a user. */
export type KeyChange =
  | { readonly kind: 'made'; readonly owner: Owned; readonly number: number; readonly key: Uint8Array }
  /** The keys up to this number are gone. */
  | { readonly kind: 'gone'; readonly owner: Owned; readonly upTo: number };

interface KeyEvent {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: unknown;
}

/** The id of a user's key: `<app>/<userId>#<n>`. */
export const keyIdOf = ({ app, id }: Owned, number: number): string => `${app}/${id}#${number}`;

/** Owner and number of a key; undefined for an id that is none of ours. */
export function parseKeyId(keyId: string): { readonly owner: Owned; readonly number: number } | undefined {
  const [, name, number] = /^([^]*)#([1-9][0-9]{0,14})$/.exec(keyId) ?? [];
  const owner = name === undefined ? undefined : parseOwner(name);
  return owner && { owner, number: Number(number) };
}

/** Tenant and user of a key stream; undefined for any other stream. The user is empty for the tenant's own key. */
export const parseUserKeyStream = (stream: string): Owned | undefined =>
  stream.startsWith(USER_KEY_STREAM_PREFIX) ? parseOwner(stream.slice(USER_KEY_STREAM_PREFIX.length)) : undefined;

function parseOwner(text: string): Owned | undefined {
  const slash = text.indexOf('/');
  const owned = { app: text.slice(0, slash), id: text.slice(slash + 1) };
  return slash > 0 && isAppId(owned.app) && (owned.id === '' || isId(owned.id)) ? owned : undefined;
}

/** What an event means for the keys; undefined for an event that doesn't concern them, and for one that isn't ours. */
export function keyChange({ stream, revision, type, data }: KeyEvent): KeyChange | undefined {
  if (stream.startsWith(METADATA_STREAM_PREFIX)) {
    const owner = parseUserKeyStream(stream.slice(METADATA_STREAM_PREFIX.length));
    const before = owner && truncatedBefore(data);
    return owner && before !== undefined ? { kind: 'gone', owner, upTo: before } : undefined;
  }
  const owner = parseUserKeyStream(stream);
  if (owner === undefined) return undefined;
  // The end of a stream that was deleted for ever.
  if (type.startsWith('$')) return { kind: 'gone', owner, upTo: Number.MAX_SAFE_INTEGER };
  // The mark of an erasure is the event after the keys that it erases.
  if (type === KEYS_ERASED) return { kind: 'gone', owner, upTo: revision };
  const key = keyIn({ type, data });
  return key && { kind: 'made', owner, number: revision + 1, key };
}

/** The key that an event makes; undefined for an event that makes none. */
export function keyIn({ type, data }: Pick<KeyEvent, 'type' | 'data'>): Uint8Array | undefined {
  if (type !== KEY_MADE || typeof data !== 'object' || data === null) return undefined;
  const { key } = data as Partial<Record<keyof KeyMade, unknown>>;
  return typeof key === 'string' && KEY.test(key) ? Buffer.from(key, 'base64url') : undefined;
}

/** `$tb` of a stream's metadata. A deleted stream has the largest number there is. */
function truncatedBefore(metadata: unknown): number | undefined {
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { $tb } = metadata as { readonly $tb?: unknown };
  return typeof $tb === 'number' && $tb > 0 ? Math.min($tb, Number.MAX_SAFE_INTEGER) : undefined;
}
