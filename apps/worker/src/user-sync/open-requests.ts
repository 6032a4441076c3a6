import { everyPage, type CohortClient } from '@cohort/client';
import { PAGE, type Position } from '@cohort/contracts';

/** All groups in which a user has a pending application or invitation, from query nodes that have applied the log up to `after`. */
export async function groupsWithRequests(
  client: Pick<CohortClient, 'query'>,
  asked: { readonly app: string; readonly userId: string; readonly after: Position },
): Promise<readonly string[]> {
  const pages = await everyPage((cursor) => client.query('openRequests', { ...asked, limit: PAGE.maxLimit, cursor }));
  return pages.flatMap(({ groups }) => groups.map(({ groupId }) => groupId));
}
