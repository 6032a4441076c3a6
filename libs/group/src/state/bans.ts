import type { EventMember } from '@cohort/contracts';
import { IdMap } from './id-map';
import { IdSet } from './id-set';
import { portionsBySize, type Slice } from './slice';

/** The end of a ban that doesn't end by itself. */
export const FOREVER = Infinity;

/** Who may not speak. Ends are in milliseconds since 1970, or `FOREVER`; what has run out stays until that is announced. */
export interface Bans {
  /** The end of each user's ban. A ban stays when the user leaves. */
  readonly banned: IdMap<number>;
  /** The end of the ban-all; undefined without one. */
  readonly all: number | undefined;
  /** Members who may speak during a ban-all. */
  readonly allowed: IdSet;
}

/** An end in JSON: null for `FOREVER`. */
type PackedEnd = number | null;
export type BansPart =
  | { readonly all: PackedEnd }
  | { readonly ids: readonly string[]; readonly ends: readonly PackedEnd[] }
  | { readonly allowed: readonly string[] };

const BAN_BYTES = 128;
const ALLOWED_BYTES = 128;

const packed = (end: number): PackedEnd => (end === FOREVER ? null : end);
const unpacked = (end: PackedEnd): number => end ?? FOREVER;
const endOf = (until: string | undefined): number => (until === undefined ? FOREVER : Date.parse(until));
const idsOf = (users: readonly EventMember[]): string[] => users.map(({ userId }) => userId);

export const bans: Slice<Bans, BansPart> = {
  version: 1,
  initial: { banned: IdMap.empty(), all: undefined, allowed: IdSet.empty },
  evolve: {
    banned: (state, { users, until }) => ({
      ...state,
      banned: state.banned.with((map) => {
        for (const { userId } of users) map.set(userId, endOf(until));
      }),
    }),
    unbanned: (state, { users }) => ({ ...state, banned: state.banned.without(idsOf(users)) }),
    allBanned: (state, { until }) => ({ ...state, all: endOf(until) }),
    allUnbanned: (state) => ({ ...state, all: undefined }),
    allowListed: (state, { users }) => ({ ...state, allowed: state.allowed.with(idsOf(users)) }),
    allowListRemoved: (state, { users }) => ({ ...state, allowed: state.allowed.without(idsOf(users)) }),
  },
  whenMembersGo: (state, members) =>
    state.allowed.size === 0 ? state : { ...state, allowed: state.allowed.without(idsOf(members)) },
  *pack({ banned, all, allowed }) {
    if (all !== undefined) yield { all: packed(all) };
    for (const entries of portionsBySize(banned)) {
      yield { ids: entries.map(([userId]) => userId), ends: entries.map(([, end]) => packed(end)) };
    }
    for (const portion of portionsBySize(allowed)) yield { allowed: portion };
  },
  unpack: (state, part) => {
    if ('all' in part) return { ...state, all: unpacked(part.all) };
    if ('allowed' in part) return { ...state, allowed: state.allowed.with(part.allowed) };
    return withColumns(state, part);
  },
  weigh: ({ banned, allowed }) => BAN_BYTES * banned.size + ALLOWED_BYTES * allowed.size,
};

function withColumns(state: Bans, { ids, ends }: Extract<BansPart, { ids: unknown }>): Bans {
  if (ids.length !== ends.length) throw new Error('A packed group has columns of unequal length.');
  const banned = state.banned.with((map) => {
    ids.forEach((userId, i) => map.set(userId, unpacked(ends[i]!)));
  });
  return { ...state, banned };
}
