import { CohortError, HEADERS, isErrorBody } from '@cohort/contracts';
import type { Msg } from 'nats';

/** The meaning of a reply, whoever sent it. */
export type Reading =
  | { readonly kind: 'value'; readonly value: object }
  | { readonly kind: 'refused'; readonly error: CohortError }
  /** nats-server replied that no service is subscribed. */
  | { readonly kind: 'nobody' }
  /** No service sent it. `what` is a phrase for its name. */
  | { readonly kind: 'strange'; readonly what: string };

const NO_RESPONDERS = 503;

/** Reads a reply; never throws. */
export function read(message: Msg): Reading {
  let headers: Msg['headers'];
  try {
    headers = message.headers;
  } catch {
    return strange('a reply with malformed headers');
  }
  if (message.data.length === 0) {
    if (headers?.code === NO_RESPONDERS) return { kind: 'nobody' };
    return strange(headers?.code ? `the status ${headers.code} without an answer` : 'an empty reply');
  }
  const value = parse(message.data);
  if (value === undefined) return strange('a reply that is not JSON');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return strange('a reply that is no JSON object');
  const acknowledged = acknowledgement(value);
  if (acknowledged !== undefined) return strange(acknowledged);
  const error = (value as { error?: unknown }).error;
  if (isErrorBody(error)) return { kind: 'refused', error: new CohortError(error.code, error.message, error.details) };
  if (!headers?.has(HEADERS.errorCode))
    return error === undefined ? { kind: 'value', value } : strange('an unknown error');
  // An error of a newer version of the service.
  if (isCoded(error)) return { kind: 'refused', error: new CohortError('INTERNAL', headers.get(HEADERS.error)) };
  return strange("another service's error");
}

const strange = (what: string): Reading => ({ kind: 'strange', what });

/** Parses JSON. Returns undefined if the data isn't JSON. */
export function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** A phrase for JetStream's reply to a publish: the message was stored in a stream, or refused. Undefined for any other. */
function acknowledgement(value: object): string | undefined {
  const { stream, seq, error } = value as { stream?: unknown; seq?: unknown; error?: { err_code?: unknown } | null };
  const refused = typeof error?.err_code === 'number';
  if (!refused && !(typeof stream === 'string' && typeof seq === 'number')) return undefined;
  const name = typeof stream === 'string' ? ` ${stream.slice(0, 64)}` : '';
  return `an acknowledgement of the JetStream stream${name}, which takes this subject; narrow the subjects of the stream`;
}

const isCoded = (error: unknown): boolean =>
  typeof (error as { code?: unknown } | null)?.code === 'string' &&
  typeof (error as { message?: unknown }).message === 'string';
