import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { Check } from './shape';

/**
 * Text that people write about themselves or others: display names, reasons (docs/decisions/0006-personal-text.md). It is
 * stored sealed with the key of the user whose text it is. Without that key nobody can read it.
 */

/** A sealed text, as it is stored. */
export interface SealedText {
  readonly enc: typeof ENC;
  /** `<app>/<userId>#<n>`. */
  readonly keyId: string;
  /** base64url of nonce, ciphertext and tag. */
  readonly ct: string;
}

/**
 * A text in a command or an event. It is a string in a request, in the feed and in answers, and an envelope in decisions and in
 * the event store. An empty text says nothing about anybody, and stays a string.
 */
export type PersonalText = string | SealedText;

/** A value whose sealed texts are opened. */
export type Opened<T> = T extends SealedText
  ? string
  : T extends readonly (infer E)[]
    ? readonly Opened<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Opened<T[K]> }
      : T;

/** A key with its id. */
export interface TextKey {
  readonly keyId: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const ENC = 'A256GCM';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The longest id of a key: tenant, user (two UTF-16 units for each of 64 code points) and number. */
const MAX_KEY_ID = 64 + 1 + 128 + 1 + 16;
/** Sealed texts are fields of an event, of one of its lists or of one of its maps, and no deeper. */
const MAX_DEPTH = 4;

/**
 * Seals a text. The nonce follows from key, context and text, so that the same text in the same context has the same
 * envelope: a repeated command is recognized, and a text that stays as it is changes nothing. The context is the place of
 * the text, such as a group and a field. Equal texts in different places have different envelopes.
 */
export function sealText(text: string, { keyId, key }: TextKey, context: string): PersonalText {
  if (text === '') return text;
  const nonceKey = createHmac('sha256', key).update('nonce').digest();
  const nonce = createHmac('sha256', nonceKey).update(`${context}\n${text}`).digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(keyId));
  const bytes = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return { enc: ENC, keyId, ct: Buffer.concat(bytes).toString('base64url') };
}

/** The text of an envelope; empty if there is no key, or if this isn't the key that sealed it. */
export function openText(text: PersonalText, key: Uint8Array | undefined): string {
  if (typeof text === 'string') return text;
  if (key === undefined) return '';
  const bytes = Buffer.from(text.ct, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return '';
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(text.keyId)).setAuthTag(bytes.subarray(-TAG_BYTES));
    const opened = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return Buffer.concat(opened).toString('utf8');
  } catch {
    return '';
  }
}

export function isSealedText(value: unknown): value is SealedText {
  if (typeof value !== 'object' || value === null) return false;
  const { enc, keyId, ct } = value as Partial<Record<keyof SealedText, unknown>>;
  return enc === ENC && typeof keyId === 'string' && typeof ct === 'string';
}

/** A short mark by which a state knows a text again without keeping it. It gives nothing away of a sealed text. */
export const markOfText = (text: PersonalText): string =>
  createHash('sha256')
    .update(typeof text === 'string' ? text : `${text.keyId}\n${text.ct}`)
    .digest('base64url')
    .slice(0, 16);

/** The check of a stored text of at most `max` code points. */
export const personalText =
  (max: number): Check =>
  (value) => {
    if (typeof value === 'string') return value.length <= 2 * max;
    const longest = Math.ceil(((4 * max + NONCE_BYTES + TAG_BYTES) * 4) / 3);
    return (
      isSealedText(value) &&
      value.keyId.length <= MAX_KEY_ID &&
      value.ct.length <= longest &&
      Object.keys(value).length === 3
    );
  };

const SEALED = `"enc":"${ENC}"`;

/** Whether a value may have sealed texts, by the JSON that `JSON.stringify` makes of it: a text without any isn't searched. */
export const maySeal = (json: string): boolean => json.includes(SEALED);

/** The ids of the keys with which texts in a value are sealed. */
export function keyIdsIn(value: unknown): Set<string> {
  const found = new Set<string>();
  collect(value, MAX_DEPTH, found);
  return found;
}

function collect(value: unknown, depth: number, found: Set<string>): void {
  if (typeof value !== 'object' || value === null || depth === 0) return;
  if (isSealedText(value)) found.add(value.keyId);
  else for (const inner of Object.values(value)) collect(inner, depth - 1, found);
}

/** The value with its texts opened. A value without sealed texts is returned as it is. */
export const opened = <T>(value: T, keys: ReadonlyMap<string, Uint8Array>): Opened<T> =>
  replaced(value, MAX_DEPTH, (text) => openText(text, keys.get(text.keyId))) as Opened<T>;

function replaced(value: unknown, depth: number, open: (text: SealedText) => string): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return value;
  if (isSealedText(value)) return open(value);
  if (Array.isArray(value)) {
    const list = value.map((inner) => replaced(inner, depth - 1, open));
    return list.every((inner, i) => inner === value[i]) ? value : list;
  }
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, inner, replaced(inner, depth - 1, open)] as const,
  );
  if (entries.every(([, inner, result]) => inner === result)) return value;
  return Object.fromEntries(entries.map(([name, , result]) => [name, result]));
}

/**
 * Whether a value is what `opened` makes of a stored one with any keys: it differs only by having some text in the place of each
 * sealed one.
 */
export function isOpenedForm(value: unknown, stored: unknown): boolean {
  if (isSealedText(stored)) return typeof value === 'string';
  if (typeof stored !== 'object' || stored === null || typeof value !== 'object' || value === null)
    return value === stored;
  const names = Object.keys(stored);
  const given = value as Readonly<Record<string, unknown>>;
  return (
    Array.isArray(stored) === Array.isArray(value) &&
    Object.keys(value).length === names.length &&
    names.every(
      (name) =>
        Object.hasOwn(value, name) && isOpenedForm(given[name], (stored as Readonly<Record<string, unknown>>)[name]),
    )
  );
}
