import { type Page, PagedQuery, query } from '../query';
import { IsLine } from '../validation';
import type { GroupView } from '../views';

/** Longest text that is searched for, in code points. */
export const MAX_SEARCH_TEXT = 64;

/**
 * The tenant's live groups that are public, or chatrooms, the newest first. This list reports no changes. To keep a copy,
 * follow the feed.
 */
export class ListPublicGroups extends PagedQuery {}

/**
 * The public groups and chatrooms whose name has all words of the text, each as a whole word or as the beginning of one; the
 * newest first. Case and accents make no difference. In scripts that put no spaces between words, such as Chinese, any part of
 * a name is found. A text without letters and digits finds nothing.
 */
export class SearchGroups extends PagedQuery {
  @IsLine(MAX_SEARCH_TEXT, 1)
  text!: string;
}

export interface PublicGroupsAnswer extends Page {
  readonly groups: readonly GroupView[];
  /** Public groups now. */
  readonly total: number;
}

export interface SearchGroupsAnswer extends Page {
  readonly groups: readonly GroupView[];
}

export const publicGroups = {
  queries: {
    publicGroups: query<ListPublicGroups, PublicGroupsAnswer>(ListPublicGroups, ['groups', 'list']),
    searchGroups: query<SearchGroups, SearchGroupsAnswer>(SearchGroups, ['groups', 'list']),
  },
} as const;
