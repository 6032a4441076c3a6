import { PAGE, type Position } from '@cohort/contracts';
import type { CallOptions, CohortClient } from './cohort-client';
import { everyPage } from './every-page';

/** The groups of a user. */
export interface UserGroups {
  /** Id to name. */
  readonly groups: ReadonlyMap<string, string>;
  /** The groups include every change up to here, and may include later ones. */
  readonly position: Position;
}

/** Reads all groups of a user, over all pages, from query nodes that have applied the log up to `after`. */
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
