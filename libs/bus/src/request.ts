import { isUtf8 } from 'node:buffer';

/** A decoded request. With `nestId`, the reply must be in Nest's envelope. */
export type Request =
  | { readonly ok: true; readonly data: unknown; readonly nestId?: string }
  /** The message is not a valid request. `reason` is for its sender. */
  | { readonly ok: false; readonly reason: string; readonly nestId?: string };

/** Bounds of a request's JSON, far above those of every DTO. They protect validation from hostile input. */
export const REQUEST_BOUNDS = { depth: 8, fields: 64, items: 10_000 } as const;

/**
 * Decodes a message; never throws. An object with `pattern`, and with `data` or `id`, is the envelope of Nest's
 * ClientProxy. Any other message is plain JSON.
 *
 * Nest's own deserializer isn't used: on malformed JSON it throws an error that ends the process, and it takes a plain
 * request for an event without a reply.
 */
export function decodeRequest(bytes: Uint8Array): Request {
  if (bytes.length === 0) return { ok: false, reason: 'The message is empty; it must be one JSON object.' };
  if (!isUtf8(bytes)) return { ok: false, reason: 'The message is not UTF-8.' };
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return { ok: false, reason: 'The message is not well-formed JSON.' };
  }
  const envelope = asEnvelope(value);
  const data = envelope ? envelope.data : value;
  const nestId = typeof envelope?.id === 'string' ? { nestId: envelope.id } : {};
  const reason = beyondBounds(data, REQUEST_BOUNDS.depth);
  return reason === undefined ? { ok: true, data, ...nestId } : { ok: false, reason, ...nestId };
}

function asEnvelope(value: unknown): { data?: unknown; id?: unknown } | undefined {
  if (!isObject(value) || !Object.hasOwn(value, 'pattern')) return undefined;
  return Object.hasOwn(value, 'data') || Object.hasOwn(value, 'id') ? value : undefined;
}

function beyondBounds(value: unknown, depth: number): string | undefined {
  if (!isObject(value)) return undefined;
  if (depth === 0) return `The message is nested deeper than ${REQUEST_BOUNDS.depth} levels.`;
  if (Array.isArray(value)) {
    if (value.length > REQUEST_BOUNDS.items) return `A list has more than ${REQUEST_BOUNDS.items} items.`;
    for (const item of value) {
      // Long lists are lists of ids, and strings need no further check.
      if (typeof item === 'string') continue;
      const reason = beyondBounds(item, depth - 1);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
  // class-transformer skips these two names, so validation would ignore them instead of rejecting them.
  for (const name of ['__proto__', 'constructor']) {
    if (Object.hasOwn(value, name)) return `${name} is not a known field.`;
  }
  const items = Object.values(value);
  if (items.length > REQUEST_BOUNDS.fields) return `An object has more than ${REQUEST_BOUNDS.fields} fields.`;
  for (const item of items) {
    const reason = beyondBounds(item, depth - 1);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
