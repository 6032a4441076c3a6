import { errorBody, ERRORS, HEADERS, type ErrorBody } from '@cohort/contracts';
import type { MsgHdrs } from 'nats';
import { msgHeaders } from './headers';

/** The result of a request. */
export type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ErrorBody };

/** A reply, ready for NATS. */
export interface Reply {
  readonly data: Uint8Array;
  readonly headers?: MsgHdrs;
}

/** Longest text in a header. It is small beside any `max_payload`. */
const MAX_HEADER_TEXT = 256;
/** Most bytes of an error reply's headers: status line, names, texts. */
const HEADER_ROOM = 512;
/** Most bytes of an error reply with its headers, whatever the request was. */
export const MAX_ERROR_BYTES = 4_096;

/**
 * Encodes a reply in the form of its request: plain JSON, or with `nestId` the envelope of Nest's ClientProxy. An error
 * carries the headers of the NATS service convention (ADR-32) in both forms. A value larger than `maxPayload` becomes
 * `TOO_LARGE`. An error larger than that, or than `MAX_ERROR_BYTES`, loses its details and the end of its message. Returns
 * the reply, and the error in it, if any.
 */
export function encodeReply(
  outcome: Outcome,
  nestId: string | undefined,
  maxPayload: number,
): { reply: Reply; error?: ErrorBody } {
  if (outcome.ok) {
    const data = encode(nestId === undefined ? (outcome.value ?? null) : nest(nestId, { response: outcome.value }));
    if (data.length <= maxPayload) return { reply: { data } };
  }
  const error = outcome.ok ? tooLarge(maxPayload) : outcome.error;
  const reply = encodeError(error, nestId);
  if (reply.data.length + HEADER_ROOM <= Math.min(MAX_ERROR_BYTES, maxPayload)) return { reply, error };
  return { reply: encodeError(shortened(error), nestId), error };
}

function encodeError(error: ErrorBody, nestId: string | undefined): Reply {
  return {
    data: encode(nestId === undefined ? { error } : nest(nestId, { err: error })),
    headers: errorHeaders(error),
  };
}

const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');

const nest = (id: string, reply: { response: unknown } | { err: ErrorBody }) => ({ ...reply, isDisposed: true, id });

const tooLarge = (maxPayload: number): ErrorBody =>
  errorBody('TOO_LARGE', `The answer exceeds the limit of ${maxPayload} bytes for a message. Request a smaller page.`);

/** The error without its details, and with at most 128 characters of its message. */
const shortened = ({ code, message }: ErrorBody): ErrorBody =>
  errorBody(code, message.slice(0, 128).replace(/\p{Cs}$/u, ''));

const errorHeaders = ({ code, message }: ErrorBody): MsgHdrs =>
  msgHeaders({
    [HEADERS.error]: headerText(`${code}: ${message}`),
    [HEADERS.errorCode]: String(ERRORS[code].status),
  });

/** Converts text to one line of printable ASCII. A line break ends a header, and some clients can't read UTF-8 in one. */
export const headerText = (text: string): string =>
  text
    .slice(0, MAX_HEADER_TEXT)
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
