import { LIMITS, shortened } from '@cohort/contracts';

/** Never a name: it would mean a folder. */
const FOLDERS = ['', '.', '..'];
/** Control characters, separators of lines, halves of pairs, and marks that turn the direction of a text. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * The name of an uploaded file as it is stored: without folders and without what a reader can't see. It is shown, and proposed
 * when the file is downloaded; no bytes are found by it.
 */
export function fileName(given: string): string {
  const [name = ''] = given.replace(INVISIBLE, '').split(/[\\/]/).slice(-1);
  const trimmed = name.trim();
  return FOLDERS.includes(trimmed) ? 'file' : withinLimit(trimmed);
}

/** A name that is too long keeps its ending. */
function withinLimit(name: string): string {
  const points = [...name];
  if (points.length <= LIMITS.fileName) return name;
  const dot = points.lastIndexOf('.');
  const ending = dot > 0 && points.length - dot <= 16 ? points.slice(dot) : [];
  return [...points.slice(0, LIMITS.fileName - ending.length), ...ending].join('');
}

/** The header that makes a browser save the file under this name, and never show it as a page. */
export function attachment(name: string): string {
  const plain = shortened(name, 64).replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const exact = encodeURIComponent(name).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
