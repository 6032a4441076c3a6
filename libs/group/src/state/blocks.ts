import type { EventMember } from '@cohort/contracts';
import { IdSet } from './id-set';
import { portionsBySize, type Slice } from './slice';

/** Who may neither be nor become a member. */
export interface Blocks {
  readonly blocked: IdSet;
}

export interface BlocksPart {
  readonly blocked: readonly string[];
}

const BLOCKED_BYTES = 128;

const idsOf = (users: readonly EventMember[]): string[] => users.map(({ userId }) => userId);

export const blocks: Slice<Blocks, BlocksPart> = {
  version: 1,
  initial: { blocked: IdSet.empty },
  evolve: {
    blocked: ({ blocked }, { users }) => ({ blocked: blocked.with(idsOf(users)) }),
    unblocked: ({ blocked }, { users }) => ({ blocked: blocked.without(idsOf(users)) }),
  },
  *pack({ blocked }) {
    for (const portion of portionsBySize(blocked)) yield { blocked: portion };
  },
  unpack: ({ blocked }, part) => ({ blocked: blocked.with(part.blocked) }),
  weigh: ({ blocked }) => BLOCKED_BYTES * blocked.size,
};
