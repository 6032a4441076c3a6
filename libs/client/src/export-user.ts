import { PAGE, type ExportedMembership, type HistoryEntry, type Position } from '@cohort/contracts';
import type { CallOptions, CohortClient } from './cohort-client';
import { pagesOf } from './every-page';

/** A part of what the service knows of a user: some of their memberships, or some of their history. */
export type UserExportPage =
  | { readonly kind: 'memberships'; readonly memberships: readonly ExportedMembership[] }
  | { readonly kind: 'history'; readonly history: readonly HistoryEntry[] };

/**
 * Everything that the service knows of a user, page by page: first all their memberships, then what they did and what was done to
 * them, each the newest first. With `after`, it is read from query nodes that have applied the log up to there.
 */
export async function* exportUser(
  client: Pick<CohortClient, 'query'>,
  { app, userId, after }: { readonly app: string; readonly userId: string; readonly after?: Position },
  options?: CallOptions,
): AsyncGenerator<UserExportPage> {
  const asked = { app, userId, limit: PAGE.maxLimit, ...(after === undefined ? {} : { after }) };
  for await (const { memberships } of pagesOf((cursor) => client.query('exportUser', { ...asked, cursor }, options))) {
    if (memberships.length > 0) yield { kind: 'memberships', memberships };
  }
  for await (const { entries } of pagesOf((cursor) => client.query('userHistory', { ...asked, cursor }, options))) {
    if (entries.length > 0) yield { kind: 'history', history: entries };
  }
}
