import { CohortError } from '@cohort/contracts';
import { isUtf8 } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import type { BodyLimits } from './limits';

const [AND, EQUALS, PLUS, PERCENT, SPACE] = [0x26, 0x3d, 0x2b, 0x25, 0x20] as const;

/** Fields of a query string. It is short, because Node bounds the headers of a request to 16 KiB. */
const MAX_QUERY_FIELDS = 256;
/** Bytes of a form that are read in one turn of the event loop. */
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

/** Makes the vendor's error for too many fields: of this name, or of any. */
export type TooMany = (name: string | undefined, count: number, max: number) => Error;

/**
 * Reads a form. Repeated fields, brackets and small numbers are kept as they are; Express's parser changes them. The number
 * of fields is checked first. Bytes that aren't UTF-8 are rejected: `URLSearchParams` makes the same character of all of
 * them, and different ids become one. A broken percent-encoding is rejected for the same reason. Changes the bytes.
 */
export async function parseForm(bytes: Buffer, limits: BodyLimits, tooMany: TooMany): Promise<Form> {
  const count = countFields(bytes);
  if (count > limits.maxFields) throw overCount(bytes, count, limits, tooMany);
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
  if (countFields(bytes) > MAX_QUERY_FIELDS) {
    throw new CohortError('VALIDATION_FAILED', `the query string has more than ${MAX_QUERY_FIELDS} fields`);
  }
  for (let at = 0; at < bytes.length;) at = readPair(bytes, at, form);
  return form;
}

function countFields(bytes: Buffer): number {
  let count = 1;
  for (const byte of bytes) if (byte === AND) count++;
  return count;
}

/** Names a list of the operation if that has too many items, else the body. */
function overCount(bytes: Buffer, count: number, { maxFields, lists }: BodyLimits, tooMany: TooMany): Error {
  for (const [name, max] of Object.entries(lists)) {
    const start = Buffer.from(name);
    let given = 0;
    for (let at = 0; at < bytes.length; at = after(bytes, at) + 1) {
      if (bytes.compare(start, 0, start.length, at, Math.min(at + start.length, bytes.length)) === 0) given++;
    }
    if (given > max) return tooMany(name, given, max);
  }
  return tooMany(undefined, count, maxFields);
}

/** The end of the pair that begins here. */
function after(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== AND) at++;
  return at;
}

/** Reads one pair and returns the start of the next. */
function readPair(bytes: Buffer, from: number, form: Form): number {
  const end = after(bytes, from);
  let equals = from;
  while (equals < end && bytes[equals] !== EQUALS) equals++;
  if (end > from) {
    const name = decode(bytes, from, equals, undefined);
    form.append(name, equals === end ? '' : decode(bytes, equals + 1, end, name));
  }
  return end + 1;
}

/** Decodes a part in place. `field` is the name of the field, or undefined if this is the name. */
function decode(bytes: Buffer, from: number, to: number, field: string | undefined): string {
  let end = from;
  let ascii = true;
  for (let at = from; at < to; at++) {
    let byte = bytes[at]!;
    if (byte === PLUS) byte = SPACE;
    else if (byte === PERCENT) {
      byte = at + 2 < to ? (hex(bytes[at + 1]!) << 4) | hex(bytes[at + 2]!) : -1;
      if (byte < 0) throw wrong(field, bytes.subarray(from, to), 'has a % without two hexadecimal digits after it');
      at += 2;
    }
    if (byte >= 0x80) ascii = false;
    bytes[end++] = byte;
  }
  if (ascii) return bytes.toString('latin1', from, end);
  const part = bytes.subarray(from, end);
  if (!isUtf8(part)) throw wrong(field, part, 'is not UTF-8');
  return part.toString('utf8');
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
