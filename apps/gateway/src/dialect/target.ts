/** The parts of a request target. */
export interface Target {
  /** As it was sent; bytes that aren't ASCII are percent-encoded. */
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
  return { path: path === '' ? '/' : ascii(path), search };
}

/** Node has one character for each byte of a target, so a character of UTF-8 would be read as several others. */
const ascii = (path: string): string =>
  path.replace(/[\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** The form of a path that claims are asked about: the case of a path and a slash at its end make no difference. */
export const normalized = (path: string): string =>
  (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).toLowerCase();
