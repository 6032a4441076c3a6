import type { IncomingMessage, ServerResponse } from 'node:http';

/** Seconds for which a browser remembers the answer to a preflight. */
const REMEMBERED_S = 7_200;

/** Sites whose pages may call: any, or these origins (`https://shop.example`). */
export type Origins = '*' | ReadonlySet<string>;

/** The headers that a dialect's callers send from a page of another site, by name. */
export interface Cors {
  readonly headers: readonly string[];
}

/** Reads the setting `CORS_ORIGINS`: `*`, `off`, or a list of origins. Undefined for any other text. */
export function originsOf(text: string): Origins | undefined {
  if (text === '*') return '*';
  if (text === 'off') return new Set();
  const origins = text.split(',').map((origin) => origin.trim());
  return origins.every(isOrigin) ? new Set(origins) : undefined;
}

/** As a browser writes it: no path, no slash at the end, and no port that is the scheme's own. */
function isOrigin(text: string): boolean {
  try {
    return /^https?:/.test(text) && new URL(text).origin === text;
  } catch {
    return false;
  }
}

/**
 * Adds the headers with which a browser shows an answer to a page of another site. They are set before anything is
 * checked, so that errors have them, too. No cookie is ever used, so `*` is safe: a page needs a token to do anything.
 */
export function allowOrigin(origins: Origins, { headers }: IncomingMessage, response: ServerResponse): void {
  if (origins === '*') response.setHeader('Access-Control-Allow-Origin', '*');
  else {
    if (origins.size > 0) response.setHeader('Vary', 'Origin');
    if (headers.origin !== undefined && origins.has(headers.origin)) {
      response.setHeader('Access-Control-Allow-Origin', headers.origin);
    }
  }
}

/** Answers a preflight, after `allowOrigin`. It needs no credentials: a browser sends none with it. */
export function answerPreflight({ headers }: Cors, response: ServerResponse): void {
  if (response.hasHeader('Access-Control-Allow-Origin')) {
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, DELETE');
    response.setHeader('Access-Control-Allow-Headers', headers.join(', '));
    response.setHeader('Access-Control-Max-Age', REMEMBERED_S);
  }
  response.writeHead(204).end();
}
