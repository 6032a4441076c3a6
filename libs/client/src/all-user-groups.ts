import { PAGE, type Position } from '@cohort/contracts';
import type { CallOptions, CohortClient } from './cohort-client';

/** The groups a user is in. */
export interface UserGroups {
  /** Id to name. */
  readonly groups: ReadonlyMap<string, string>;
  /** Everything up to here is seen in them; what came later may be. */
  readonly position: Position;
}

/** All groups a user is in, over all pages, as query nodes have them that have seen `after`. */
export async function allUserGroups(
  client: Pick<CohortClient, 'query'>,
  { app, userId, after }: { readonly app: string; readonly userId: string; readonly after: Position },
  options?: CallOptions,
): Promise<UserGroups> {
  const groups = new Map<string, string>();
  let first: Position | undefined;
  let cursor: string | undefined;
  do {
    const next = cursor === undefined ? {} : { cursor };
    const page = await client.query('userGroups', { app, userId, limit: PAGE.maxLimit, after, ...next }, options);
    for (const { groupId, name } of page.groups) groups.set(groupId, name);
    first ??= page.position;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { groups, position: first };
}
