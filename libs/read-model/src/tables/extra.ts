import type { PersonalText } from '@cohort/contracts';
import type { TextReader } from './text-keys';

/** A member's own data by key, as the column `extra` of `members` keeps it. */
export type Extra = Readonly<Record<string, PersonalText>>;

export const extraIn = (column: string | null): Extra => (column === null ? {} : (JSON.parse(column) as Extra));

/** The data with its texts opened. */
export const extraTexts = (texts: TextReader, column: string | null): Record<string, string> =>
  Object.fromEntries(Object.entries(extraIn(column)).map(([key, text]) => [key, texts.opened(text)] as const));
