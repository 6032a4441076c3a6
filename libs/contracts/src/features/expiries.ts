import { type Page, PagedQuery, query } from '../query';

/** What ends by itself: the ban, the application or the first invitation of the user `id`, or the ban-all of a group. */
export const EXPIRY_KINDS = ['ban', 'banAll', 'application', 'invitation'] as const;
export type ExpiryKind = (typeof EXPIRY_KINDS)[number];

/**
 * What ends by itself in the tenant's live groups, the next end first; also what has ended without an event that announces
 * it yet. For the worker, which announces ends.
 */
export class ListExpiries extends PagedQuery {}

export interface ExpiryView {
  readonly groupId: string;
  readonly kind: ExpiryKind;
  /** Whom or what it concerns, as the kind defines it. Empty where the group has one at most. */
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly endsAt: string;
}

export interface ExpiriesAnswer extends Page {
  readonly expiries: readonly ExpiryView[];
}

export const expiries = {
  queries: { expiries: query<ListExpiries, ExpiriesAnswer>(ListExpiries, ['expiries', 'list']) },
} as const;
