import type { GroupSettings } from './terms';

/** Views that lists of several features contain. */

/** A group as queries return it. */
export interface GroupView {
  readonly groupId: string;
  readonly numericId: string;
  readonly name: string;
  readonly description: string;
  readonly avatar: string;
  readonly ext: string;
  readonly owner: string;
  readonly capacity: number;
  /** Of a dismissed group: the count at its end. */
  readonly memberCount: number;
  readonly settings: GroupSettings;
  /** A disabled group lives, and nothing changes it but `enable` and `dismiss`. */
  readonly status: 'live' | 'disabled' | 'dismissed';
  /** While a ban-all holds. `until`: when it ends by itself, ISO 8601 UTC. */
  readonly banAll?: { readonly until?: string };
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly revision: string;
}
