import type { EventMember } from '@cohort/contracts';
import { IdMap } from './id-map';
import { portionsBySize, type Slice } from './slice';
import { markOf } from './text-mark';

/** A pending application. What has run out stays until that is announced. */
export interface Application {
  /** Counts the group's applications from 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Tells two reasons apart; the reason itself isn't needed. */
  readonly reason: string;
}

export interface Applications {
  /** By applicant. */
  readonly pending: IdMap<Application>;
  /** The last number that was given out. */
  readonly last: number;
  /** Applicants whose last application has expired, with its number: the newest ones. */
  readonly expired: IdMap<number>;
}

type Row = readonly [userId: string, number: number, expiresAt: number, reason: string];
export type ApplicationsPart =
  | { readonly last: number }
  | { readonly pending: readonly Row[] }
  | { readonly expired: readonly (readonly [userId: string, number: number])[] };

const APPLICATION_BYTES = 512;
const EXPIRED_BYTES = 256;
/** Expired applications that are remembered: at most this many, at least half of it. */
const MOST_EXPIRED = 1_000;

const end = (state: Applications, { userId }: EventMember): Applications => ({
  ...state,
  pending: state.pending.without([userId]),
});

export const applications: Slice<Applications, ApplicationsPart> = {
  version: 1,
  initial: { pending: IdMap.empty(), last: 0, expired: IdMap.empty() },
  evolve: {
    applied: ({ pending, last, expired }, { userId, applicationId, expiresAt, reason }) => {
      const number = Number(applicationId);
      const application = { number, expiresAt: Date.parse(expiresAt), reason: markOf(reason) };
      return {
        pending: pending.with((map) => map.set(userId, application)),
        last: Math.max(last, number),
        expired: expired.without([userId]),
      };
    },
    applicationApproved: end,
    applicationDeclined: end,
    applicationWithdrawn: end,
    applicationExpired: (state, { userId, applicationId }) => ({
      ...end(state, { userId }),
      expired: newest(state.expired.with((map) => map.set(userId, Number(applicationId)))),
    }),
    // A member has nothing to apply for.
    memberJoined: (state, { members }) =>
      state.pending.size === 0 ? state : { ...state, pending: state.pending.without(members.map((one) => one.userId)) },
  },
  *pack({ pending, last, expired }) {
    if (last > 0) yield { last };
    const rows = function* (): Generator<Row> {
      for (const [userId, { number, expiresAt, reason }] of pending) yield [userId, number, expiresAt, reason];
    };
    for (const portion of portionsBySize(rows())) yield { pending: portion };
    for (const portion of portionsBySize(expired)) yield { expired: portion };
  },
  unpack: (state, part) => {
    if ('last' in part) return { ...state, last: part.last };
    if ('expired' in part) return { ...state, expired: withAll(state.expired, part.expired) };
    const rows = part.pending.map(([userId, number, expiresAt, reason]) => {
      return [userId, { number, expiresAt, reason }] as const;
    });
    return { ...state, pending: withAll(state.pending, rows) };
  },
  weigh: ({ pending, expired }) => APPLICATION_BYTES * pending.size + EXPIRED_BYTES * expired.size,
};

const withAll = <V>(into: IdMap<V>, entries: readonly (readonly [string, V])[]): IdMap<V> =>
  into.with((map) => {
    for (const [userId, value] of entries) map.set(userId, value);
  });

function newest(expired: IdMap<number>): IdMap<number> {
  if (expired.size <= MOST_EXPIRED) return expired;
  const oldestFirst = [...expired].sort(([, a], [, b]) => a - b);
  return expired.without(oldestFirst.slice(0, MOST_EXPIRED / 2).map(([userId]) => userId));
}
