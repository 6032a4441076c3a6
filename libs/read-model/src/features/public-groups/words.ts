import { runsOf } from '@cohort/contracts';

/**
 * How names are searched. SQLite's own tokenizer takes a Chinese name for one word, so words are found here, and are written
 * in hex: a beginning of a word is a beginning of its hex.
 */

const hex = (text: string): string => Buffer.from(text).toString('hex');

/** The words of a name, as the index has them. */
export const indexedWords = (name: string): string => runsOf(name).flat().map(hex).join(' ');

/** The word that stands for a tenant in the index. */
export const tenantWord = (app: string): string => hex(app);

/** What the index is asked for a tenant's names with all these words; undefined if the text has none. */
export function matchOf(app: string, text: string): string | undefined {
  const runs = runsOf(text);
  if (runs.length === 0) return undefined;
  // The parts of a run stand side by side, and the last one may go on.
  const phrases = runs.map((parts) => `"${parts.map(hex).join(' ')}" *`);
  return `{app} : "${tenantWord(app)}" AND {words} : (${phrases.join(' AND ')})`;
}
