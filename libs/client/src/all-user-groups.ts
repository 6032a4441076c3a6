import { PAGE, type Position } from '@cohort/contracts';
import type { CallOptions, CohortClient } from './cohort-client';
import { everyPage } from './every-page';

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
  const pages = await everyPage((cursor) =>
    client.query('userGroups', { app, userId, limit: PAGE.maxLimit, after, cursor }, options),
  );
  const groups = pages.flatMap((page) => page.groups);
  return { groups: new Map(groups.map(({ groupId, name }) => [groupId, name])), position: pages[0].position };
}
