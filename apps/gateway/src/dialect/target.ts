/** The parts of a request target. */
export interface Target {
  /** As it was sent. */
  readonly path: string;
  /** Without the `?`. */
  readonly search: string;
}

/**
 * Splits the target of a request: `/path?query`, or the absolute form `http://host/path?query` that proxies send. All
 * else (`*`) is `undefined`.
 */
export function targetOf(url: string): Target | undefined {
  const [, path, search = ''] = /^(?:https?:\/\/[^/?#]+)?(\/[^?#]*|(?=[?#]|$))(?:\?([^#]*))?/i.exec(url) ?? [];
  if (path === undefined || url === '') return undefined;
  return { path: path === '' ? '/' : path, search };
}

/** The form of a path that claims are asked about: the case of a path and a slash at its end make no difference. */
export const normalized = (path: string): string =>
  (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).toLowerCase();
