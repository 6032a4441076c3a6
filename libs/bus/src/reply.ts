import { errorBody, ERRORS, HEADERS, type ErrorBody } from '@cohort/contracts';
import type { MsgHdrs } from 'nats';
import { msgHeaders } from './headers';

/** What a request came to. */
export type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ErrorBody };

/** A reply as NATS takes it. */
export interface Reply {
  readonly data: Uint8Array;
  readonly headers?: MsgHdrs;
}

/** Longest text in a header: enough for a person, small beside any `max_payload`. */
const MAX_HEADER_TEXT = 256;
/** What the headers of an error reply take at most: status line, names, texts. */
const HEADER_ROOM = 512;

/**
 * Writes a reply in the form of its request: plain JSON, or with `nestId` the envelope Nest's ClientProxy reads. An error
 * carries the headers of the NATS service convention (ADR-32) in both. A reply larger than the server takes becomes
 * `TOO_LARGE`, an error that large is told shortly. `error` is what was answered in the end, if it was one.
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
  if (reply.data.length + HEADER_ROOM <= maxPayload) return { reply, error };
  return { reply: encodeError(shortened(error), shorten(nestId)), error };
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
  errorBody(
    'TOO_LARGE',
    `The answer is larger than the ${maxPayload} bytes a message may have: ask for a smaller page.`,
  );

/** An error whose details don't fit is told without them. */
const shortened = ({ code, message }: ErrorBody): ErrorBody => errorBody(code, message.slice(0, 128));

/** Only hostile ids are this long; their sender wouldn't recognise the answer anyway. */
const shorten = (id: string | undefined): string | undefined => (id !== undefined && id.length > 64 ? undefined : id);

const errorHeaders = ({ code, message }: ErrorBody): MsgHdrs =>
  msgHeaders({
    [HEADERS.error]: headerText(`${code}: ${message}`),
    [HEADERS.errorCode]: String(ERRORS[code].status),
  });

/** One line of printable ASCII: a header of NATS ends at a line break, and not every client reads UTF-8 in it. */
export const headerText = (text: string): string =>
  text
    .slice(0, MAX_HEADER_TEXT)
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
