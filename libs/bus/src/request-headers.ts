import type { Msg, MsgHdrs } from 'nats';

/** Most bytes of a request's subject, reply subject and headers together. The service reads two short headers. */
const MAX_HEADER_BYTES = 4 * 1024;

/** A request's headers, or the reason why they aren't accepted, for the sender. */
export type RequestHeaders =
  { readonly ok: true; readonly all: MsgHdrs | undefined } | { readonly ok: false; readonly reason: string };

/**
 * Reads the headers of a request; never throws. The size is checked first, because nats.js parses headers in a time that
 * grows with the square of their number: a megabyte of them would stop the process for minutes.
 */
export function requestHeaders(message: Msg): RequestHeaders {
  if (sizeOf(message) - message.data.length > MAX_HEADER_BYTES) {
    return { ok: false, reason: `The headers have more than ${MAX_HEADER_BYTES} bytes.` };
  }
  try {
    return { ok: true, all: message.headers };
  } catch {
    return { ok: false, reason: 'The headers are malformed.' };
  }
}

/** Bytes of subject, reply subject, headers and body. The type of nats.js doesn't declare the method. */
const sizeOf = (message: Msg): number => (message as Msg & { size(): number }).size();
