import { CohortError, type ListPart } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import type { GroupService } from '../../dialect/group-service';
import type { Part } from './envelope';

/** The fields of a page, as `page` of the fields reads them. */
export interface PageInput {
  readonly cursor: string | undefined;
  readonly limit: number;
  readonly version: string;
}

/** Which part of a list is asked for: a page, or the changes since a version. */
export type Ask = { readonly limit: number } & (
  | { readonly cursor?: string; readonly since?: undefined; readonly basis?: undefined }
  | { readonly since: string; readonly basis: string; readonly cursor?: undefined }
);

/** An answer of a query for a mirrored list, with the names that all lists have. */
type Answered<E> = { readonly entries: readonly E[]; readonly total: number; readonly version: string } & ListPart;

/** No list is ever at a version with more digits. */
const MOST_DIGITS = 15;

/**
 * The `basis` of the lists, as the newest answer had it. Callers of this dialect have a number only, so the gateway
 * remembers the other half of it.
 */
const BASIS = new WeakMap<GroupService, string>();

/**
 * A page of a mirrored list, or the changes since `version` if that is above 0 and there is no cursor. Changes that are
 * no longer known, or that are of another event store, are answered by the whole list: `full`. The changes end at the
 * answer's `version`: there are no more when an answer has none.
 */
export async function partOf<E>(
  as: Caller,
  { cursor, limit, version }: PageInput,
  ask: (part: Ask) => Promise<Answered<E>>,
): Promise<Part<E>> {
  const learned = async (part: Ask) => {
    const answer = await ask(part);
    BASIS.set(as.service, answer.basis);
    return answer;
  };
  const whole = async () => ({ ...pageOf(await learned({ limit })), changes: { removed: [], full: true } });
  if (cursor !== undefined || version === '0') return pageOf(await learned({ limit, cursor }));
  if (version.length > MOST_DIGITS) return whole();
  const basis = BASIS.get(as.service) ?? (await learned({ limit: 1 })).basis;
  try {
    const answer = await learned({ limit, since: version, basis });
    const { full, removed = [] } = answer;
    return { ...pageOf(answer), changes: { removed, full } };
  } catch (error) {
    // The list has never been at this version.
    if (!(error instanceof CohortError) || error.code !== 'READ_MODEL_BEHIND') throw error;
    return whole();
  }
}

const pageOf = <E>({ entries, total, version, cursor }: Answered<E>): Part<E> => ({
  entries,
  total,
  version,
  ...(cursor === undefined ? {} : { cursor }),
});
