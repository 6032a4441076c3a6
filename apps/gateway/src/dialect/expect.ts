import type { IncomingMessage, ServerResponse } from 'node:http';

/** Requests whose callers wait for "100 Continue" before they send the body (`Expect: 100-continue`). */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** Keeps a caller waiting until the body is wanted. Without that, Node asks for each body before anything is checked. */
export const holdBack = (request: IncomingMessage, response: ServerResponse): void =>
  void waiting.set(request, response);

export const isHeldBack = (request: IncomingMessage): boolean => waiting.has(request);

/** Lets the caller send the body. */
export function askForBody(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue();
  waiting.delete(request);
}
