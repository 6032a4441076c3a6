import { PAGE, type Position } from '@cohort/contracts';
import type { CallOptions, CohortClient } from './cohort-client';

/**
 * All groups a user is in, id to name, over all pages, as query nodes have them that have seen `after`. Each page is
 * whole by itself; what changes while the next ones are read may show in them.
 */
export async function allUserGroups(
  client: Pick<CohortClient, 'query'>,
  { app, userId, after }: { readonly app: string; readonly userId: string; readonly after: Position },
  options?: CallOptions,
): Promise<Map<string, string>> {
  const groups = new Map<string, string>();
  let position = after;
  let cursor: string | undefined;
  do {
    const next = cursor === undefined ? {} : { cursor };
    const page = await client.query(
      'userGroups',
      { app, userId, limit: PAGE.maxLimit, after: position, ...next },
      options,
    );
    for (const { groupId, name } of page.groups) groups.set(groupId, name);
    // The next page may come from another node, which must not be behind this one.
    position = page.position;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return groups;
}
