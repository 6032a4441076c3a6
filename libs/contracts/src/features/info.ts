import { LIMITS, OnGroup, onGroup } from '../command';
import { event } from '../event';
import { type Page, PAGE, PagedQuery, Query, query } from '../query';
import { id, maybe, textUpTo, wholeNumber } from '../shape';
import { IsId, IsLine, IsList, IsText, Optional } from '../validation';
import type { GroupView } from '../views';

/** Changes the given fields and leaves the others; by the owner, an admin or a service. An empty text clears a field. */
export class ChangeInfo extends OnGroup {
  @Optional()
  @IsLine(LIMITS.name, 1)
  name?: string;

  @Optional()
  @IsText(LIMITS.description)
  description?: string;

  @Optional()
  @IsLine(LIMITS.avatar)
  avatar?: string;

  /** Free text of the application's own. */
  @Optional()
  @IsText(LIMITS.ext)
  ext?: string;
}

/** One group. `GROUP_NOT_FOUND` for an unknown one. A dismissed group is returned with its status. */
export class GetGroup extends Query {
  @IsId()
  groupId!: string;
}

/** Up to 100 groups by their ids. */
export class GetGroups extends Query {
  @IsList(PAGE.maxGroupIds, 1)
  @IsId({ each: true })
  groupIds!: string[];
}

/** The tenant's live groups, newest first. This list reports no changes. To keep a copy, follow the feed. */
export class ListAppGroups extends PagedQuery {}

/**
 * The groups that exist, in the order of the ids, repeats once, and the ids of those that don't exist, were erased or
 * are damaged. `TOO_LARGE` if they
 * are over 768 KiB together: ask for fewer.
 */
export interface GroupsAnswer {
  readonly groups: readonly GroupView[];
  readonly missing: readonly string[];
}

export interface AppGroupsAnswer extends Page {
  readonly groups: readonly GroupView[];
}

/** `infoChanged`: name, description, avatar or `ext` changed. Only the changed ones are present. */
export interface InfoChanged {
  readonly name?: string;
  readonly description?: string;
  readonly avatar?: string;
  readonly ext?: string;
  /** The number of the sync that renamed the group, and the user of that sync. */
  readonly sync?: number;
  readonly syncOf?: string;
}

export const info = {
  commands: { changeInfo: onGroup(ChangeInfo) },
  queries: {
    group: query<GetGroup, GroupView>(GetGroup, ['groupId', 'string']),
    groups: query<GetGroups, GroupsAnswer>(GetGroups, ['missing', 'list']),
    appGroups: query<ListAppGroups, AppGroupsAnswer>(ListAppGroups, ['groups', 'list']),
  },
  events: {
    infoChanged: event<InfoChanged>({
      name: maybe(textUpTo(LIMITS.name)),
      description: maybe(textUpTo(LIMITS.description)),
      avatar: maybe(textUpTo(LIMITS.avatar)),
      ext: maybe(textUpTo(LIMITS.ext)),
      sync: maybe(wholeNumber),
      syncOf: maybe(id),
    }),
  },
} as const;
