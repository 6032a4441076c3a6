import { PAGE } from '@cohort/contracts';

interface Page<E> {
  readonly entries: readonly E[];
  readonly total: number;
  readonly cursor?: string | undefined;
}

/** Entries of an answer that the vendor doesn't page. */
export const MAX_ENTRIES = 10_000;

/** The first entries of a list, up to `most`, and how many it has. */
export async function firstOf<E>(
  ask: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<E>>,
  most = MAX_ENTRIES,
): Promise<{ readonly entries: readonly E[]; readonly total: number }> {
  const entries: E[] = [];
  let page = await ask({ limit: Math.min(PAGE.maxLimit, most) });
  entries.push(...page.entries);
  while (page.cursor !== undefined && entries.length < most) {
    page = await ask({ limit: Math.min(PAGE.maxLimit, most - entries.length), cursor: page.cursor });
    entries.push(...page.entries);
  }
  return { entries, total: page.total };
}
