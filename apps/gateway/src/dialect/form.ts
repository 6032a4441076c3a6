import { CohortError } from '@cohort/contracts';
import { isUtf8 } from 'node:buffer';
import type { BodyLimits } from './limits';

const [AND, EQUALS, PLUS, PERCENT, SPACE] = [0x26, 0x3d, 0x2b, 0x25, 0x20] as const;

/** Fields of a query string. It is short, because Node bounds the headers of a request to 16 KiB. */
const MAX_QUERY_FIELDS = 256;
/** Bytes of a form that are read in one turn. */
const TURN_BYTES = 256 * 1024;

/** Names and values of a form or a query string, in their order. A name may have several values. */
export class Form {
  private readonly byName = new Map<string, string[]>();
  private readonly pairs: (readonly [name: string, value: string])[] = [];

  append(name: string, value: string): void {
    this.pairs.push([name, value]);
    const values = this.byName.get(name);
    if (values) values.push(value);
    else this.byName.set(name, [value]);
  }

  getAll(name: string): readonly string[] {
    return this.byName.get(name) ?? [];
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.pairs[Symbol.iterator]();
  }
}

/** Resolves when the next piece may be read. */
export type Turn = () => Promise<void>;

/** Makes the vendor's errors: a list has too many items, or a body has too many fields. */
export interface TooMany {
  readonly items: (name: string, count: number, max: number) => Error;
  readonly fields: (max: number) => Error;
}

/**
 * Reads a form. Repeated fields, brackets and small numbers are kept as they are; Express's parser changes them. The number
 * of fields is checked first. Bytes that aren't UTF-8 are rejected: `URLSearchParams` makes the same character of all of
 * them, and different ids become one. A broken percent-encoding is rejected for the same reason. Changes the bytes.
 */
export async function parseForm(bytes: Buffer, limits: BodyLimits, tooMany: TooMany, turn: Turn): Promise<Form> {
  if (hasMoreFields(bytes, limits.maxFields)) throw overCount(bytes, limits, tooMany);
  const form = new Form();
  for (let at = 0; at < bytes.length;) {
    const end = at + TURN_BYTES;
    while (at < bytes.length && at < end) at = readPair(bytes, at, form);
    if (at < bytes.length) await turn();
  }
  return form;
}

/** Reads the query string of a request target, in which Node has one character for each byte. */
export function parseQuery(search: string): Form {
  const form = new Form();
  if (search === '') return form;
  const bytes = Buffer.from(search, 'latin1');
  if (hasMoreFields(bytes, MAX_QUERY_FIELDS)) {
    throw new CohortError('VALIDATION_FAILED', `the query string has more than ${MAX_QUERY_FIELDS} fields`);
  }
  for (let at = 0; at < bytes.length;) at = readPair(bytes, at, form);
  return form;
}

function hasMoreFields(bytes: Buffer, max: number): boolean {
  let at = -1;
  for (let count = 0; count < max; count++) {
    at = bytes.indexOf(AND, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** Names a list of the operation if that has too many items, else the body. */
function overCount(bytes: Buffer, { maxFields, lists }: BodyLimits, tooMany: TooMany): Error {
  for (const [name, max] of Object.entries(lists)) {
    const given = countFields(bytes, name);
    if (given > max) return tooMany.items(name, given, max);
  }
  return tooMany.fields(maxFields);
}

/** The number of fields whose names begin so. There may be millions, so this is one plain loop. */
function countFields(bytes: Buffer, name: string): number {
  const start = Buffer.from(name);
  let count = 0;
  for (let at = 0; at <= bytes.length; at++) {
    let same = 0;
    while (same < start.length && bytes[at + same] === start[same]) same++;
    if (same === start.length) count++;
    while (at < bytes.length && bytes[at] !== AND) at++;
  }
  return count;
}

/** Reads one pair and returns the start of the next. */
function readPair(bytes: Buffer, from: number, form: Form): number {
  const next = bytes.indexOf(AND, from);
  const end = next < 0 ? bytes.length : next;
  if (end > from) {
    const pair = bytes.subarray(from, end);
    const equals = pair.indexOf(EQUALS);
    const name = decode(equals < 0 ? pair : pair.subarray(0, equals), undefined);
    form.append(name, equals < 0 ? '' : decode(pair.subarray(equals + 1), name));
  }
  return end + 1;
}

/** Decodes a part in place. `field` is the name of the field, or undefined if this is the name. */
function decode(part: Buffer, field: string | undefined): string {
  const text = part.includes(PERCENT) || part.includes(PLUS) ? part.subarray(0, decodeBytes(part, field)) : part;
  if (!isUtf8(text)) throw wrong(field, text, 'is not UTF-8');
  return text.toString('utf8');
}

/** Returns the number of bytes that are left. */
function decodeBytes(part: Buffer, field: string | undefined): number {
  let end = 0;
  for (let at = 0; at < part.length; at++) {
    let byte = part[at]!;
    if (byte === PLUS) byte = SPACE;
    else if (byte === PERCENT) {
      byte = at + 2 < part.length ? (hex(part[at + 1]!) << 4) | hex(part[at + 2]!) : -1;
      if (byte < 0) throw wrong(field, part, 'has a % without two hexadecimal digits after it');
      at += 2;
    }
    part[end++] = byte;
  }
  return end;
}

/** The value of a hexadecimal digit, or a number below 0. */
function hex(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -0x100;
}

const MAX_SHOWN = 64;

const wrong = (field: string | undefined, part: Buffer, why: string) =>
  new CohortError(
    'VALIDATION_FAILED',
    field === undefined ? `the name of the field ${shown(part)} ${why}` : `${shown(Buffer.from(field))} ${why}`,
  );

/** The start of a text, with every byte that isn't printable ASCII percent-encoded. */
const shown = (part: Buffer): string =>
  part
    .subarray(0, MAX_SHOWN)
    .toString('latin1')
    .replace(/[^\x21-\x7e]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
