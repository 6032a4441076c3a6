import { CohortError } from '@cohort/contracts';

/**
 * All of a list that the query app answers in pages: asks for page after page until there is no cursor.
 * For vendors whose call answers everything at once.
 */
export async function everyPage<Page extends { readonly cursor?: string }, Entry>(
  fetch: (cursor: string | undefined) => Promise<Page>,
  entriesOf: (page: Page) => readonly Entry[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetch(cursor);
    entries.push(...entriesOf(page));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return entries;
}

/**
 * A page's size as a caller wrote it: what is above the maximum counts as the maximum; zero, negative numbers and what
 * is no number are errors.
 */
export function pageLimit(field: string, text: string | undefined, limits: { default: number; max: number }): number {
  if (text === undefined) return limits.default;
  if (!/^[0-9]+$/.test(text) || /^0+$/.test(text)) {
    throw new CohortError('VALIDATION_FAILED', `${field} must be a number from 1 to ${limits.max}`);
  }
  return Math.min(Number(text), limits.max);
}
