import { isUtf8 } from 'node:buffer';

/** A request as it came in: what it asks, and in which form it is to be answered. */
export type Request =
  | { readonly ok: true; readonly data: unknown; readonly nestId?: string }
  /** Not a request at all; `reason` is for its sender. */
  | { readonly ok: false; readonly reason: string; readonly nestId?: string };

/** Bounds of a request's JSON, wide of every DTO: they keep validation from working for hours on hostile input. */
export const REQUEST_BOUNDS = { depth: 8, fields: 64, items: 10_000 } as const;

/**
 * Reads a message without ever throwing. An object with `pattern` and `data` or `id` is the envelope of Nest's
 * ClientProxy, `{pattern, data, id}`; everything else is plain JSON. (Nest's own deserializer throws on malformed JSON
 * where nobody catches it, and takes a plain request for an event that wants no answer.)
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
      // Lists of ids are the long ones: a string needs no look inside.
      if (typeof item === 'string') continue;
      const reason = beyondBounds(item, depth - 1);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
  // What turns objects into instances skips these two, so that they would be ignored where other fields are refused.
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
