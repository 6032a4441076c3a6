import { isUtf8 } from 'node:buffer';
import { DEFAULT_BOUNDS, errorBody, shownName, type ErrorBody, type RequestBounds } from '@cohort/contracts';
import { namesIn, repeatedName, scan } from './scan';

/** A decoded request. With `nestId`, the reply must be in Nest's envelope. */
export type Request =
  | { readonly ok: true; readonly data: unknown; readonly nestId?: string }
  /** The message is not a valid request. */
  | { readonly ok: false; readonly error: ErrorBody; readonly nestId?: string };

/** Levels of objects and lists in a message, an envelope included. It is above that of every DTO. */
export const MAX_DEPTH = 8;
/** Longest id of an envelope, in UTF-16 units. Nest's own have 21. */
const MAX_NEST_ID = 128;

/**
 * Decodes a message; never throws. Each stage ends what fails it, before the next one does any work: size, number of
 * values, depth, then the parser. An object with `pattern`, and with `data` or `id`, is the envelope of Nest's ClientProxy.
 * Any other message is plain JSON.
 *
 * Nest's own deserializer isn't used: on malformed JSON it throws an error that ends the process, and it takes a plain
 * request for an event without a reply.
 */
export function decodeRequest(bytes: Uint8Array, bounds: RequestBounds = DEFAULT_BOUNDS): Request {
  if (bytes.length > bounds.bytes) return refused(bytes, tooLarge(bytes, bounds));
  if (bytes.length === 0) return refused(bytes, invalid('The message is empty; it must be one JSON object.'));
  if (!isUtf8(bytes)) return refused(bytes, invalid('The message is not UTF-8.'));
  const { values, names, depth, field } = scan(bytes, bounds.values);
  if (values > bounds.values) return refused(bytes, tooMany(bounds, field));
  if (depth > MAX_DEPTH) return refused(bytes, invalid(`The message is nested deeper than ${MAX_DEPTH} levels.`));
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return refused(bytes, invalid('The message is not well-formed JSON.'));
  }
  if (namesIn(value) !== names) return refused(bytes, givenTwice(repeatedName(bytes)!));
  const envelope = asEnvelope(value);
  if (typeof envelope?.id !== 'string') return { ok: true, data: envelope ? envelope.data : value };
  const { data, id } = envelope;
  if (id.length <= MAX_NEST_ID) return { ok: true, data, nestId: id };
  return refused(bytes, invalid(`The envelope's id is longer than ${MAX_NEST_ID} characters.`));
}

/** The refusal of a request that isn't read, in its form. It costs the same for any size. */
export const refused = (bytes: Uint8Array, error: ErrorBody): Refused => {
  const nestId = nestIdAtEnd(bytes);
  return { ok: false, error, ...(nestId === undefined ? {} : { nestId }) };
};

type Refused = Extract<Request, { ok: false }>;

const tooLarge = ({ length }: Uint8Array, { bytes: limit }: RequestBounds): ErrorBody =>
  errorBody('TOO_LARGE', `The message has ${length} bytes; this operation takes at most ${limit}.`, { limit });

const invalid = (message: string, field?: string): ErrorBody =>
  errorBody('VALIDATION_FAILED', message, field === undefined ? undefined : { fields: [{ field, message }] });

function tooMany({ values }: RequestBounds, quoted: string | undefined): ErrorBody {
  const most = `more than ${values} fields and items`;
  const field = quoted === undefined ? undefined : nameIn(quoted);
  if (field === undefined) return invalid(`The message has ${most}.`);
  return invalid(`The message has ${most}; the last one that was read is in ${field}`, field);
}

function givenTwice(name: string): ErrorBody {
  const field = shownName(name);
  return invalid(`${field} is given twice in one object`, field);
}

function nameIn(quoted: string): string | undefined {
  try {
    return shownName(JSON.parse(quoted) as string);
  } catch {
    return undefined;
  }
}

/** The id of an envelope as Nest's ClientProxy writes it: the pattern comes first, and the id last. */
function nestIdAtEnd(bytes: Uint8Array): string | undefined {
  const textOf = (part: Uint8Array) => Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('latin1');
  if (textOf(bytes.subarray(0, 11)) !== '{"pattern":') return undefined;
  return /,"id":"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,64})"\}$/.exec(textOf(bytes.subarray(-80)))?.[1];
}

function asEnvelope(value: unknown): { data?: unknown; id?: unknown } | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'pattern')) return undefined;
  return Object.hasOwn(value, 'data') || Object.hasOwn(value, 'id') ? value : undefined;
}
