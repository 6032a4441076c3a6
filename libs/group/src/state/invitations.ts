import type { EventMember, Invitee } from '@cohort/contracts';
import { IdMap } from './id-map';
import { portionsBySize, type Slice } from './slice';
import { markOf } from './text-mark';

/** A pending invitation. What has run out stays until that is announced. */
export interface Invitation {
  /** Counts the group's invitations from 1. */
  readonly number: number;
  readonly inviter: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Tells two reasons apart; the reason itself isn't needed. */
  readonly reason: string;
}

export interface Invitations {
  /** By invitee: one for each inviter, the oldest first. */
  readonly pending: IdMap<readonly Invitation[]>;
  /** Pending ones of all invitees. */
  readonly count: number;
  /** The last number that was given out. */
  readonly last: number;
  /** Invitees whose last pending invitation has expired, with its number: the newest ones. */
  readonly expired: IdMap<number>;
}

type Row = readonly [userId: string, number: number, inviter: string, expiresAt: number, reason: string];
export type InvitationsPart =
  | { readonly last: number }
  | { readonly pending: readonly Row[] }
  | { readonly expired: readonly (readonly [userId: string, number: number])[] };

const INVITATION_BYTES = 640;
const EXPIRED_BYTES = 256;
/** Expired invitations that are remembered: at most this many, at least half of it. */
const MOST_EXPIRED = 1_000;

export const invitations: Slice<Invitations, InvitationsPart> = {
  version: 1,
  initial: { pending: IdMap.empty(), count: 0, last: 0, expired: IdMap.empty() },
  evolve: {
    invited: (state, { invitees, inviter, expiresAt, reason }) => {
      const end = Date.parse(expiresAt);
      const mark = markOf(reason);
      return invitees.reduce(
        (all, { userId, invitationId }) =>
          withOne(all, userId, { number: Number(invitationId), inviter, expiresAt: end, reason: mark }),
        { ...state, expired: state.expired.without(invitees.map(({ userId }) => userId)) },
      );
    },
    invitationAccepted: (state, one) => without(state, [one]),
    invitationDeclined: (state, one) => without(state, [one]),
    invitationWithdrawn: (state, { invitees }) => without(state, invitees),
    invitationExpired: (state, { invitees }) => {
      const left = without(state, invitees);
      const expired = left.expired.with((map) => {
        for (const { userId, invitationId } of invitees) map.set(userId, Number(invitationId));
      });
      return { ...left, expired: newest(expired) };
    },
    // A member has no invitation to answer.
    memberJoined: (state, { members }) => (state.count === 0 ? state : withoutUsers(state, members)),
  },
  *pack({ pending, last, expired }) {
    if (last > 0) yield { last };
    const rows = function* (): Generator<Row> {
      for (const [userId, list] of pending) {
        for (const { number, inviter, expiresAt, reason } of list) yield [userId, number, inviter, expiresAt, reason];
      }
    };
    for (const portion of portionsBySize(rows())) yield { pending: portion };
    for (const portion of portionsBySize(expired)) yield { expired: portion };
  },
  unpack: (state, part) => {
    if ('last' in part) return { ...state, last: part.last };
    if ('expired' in part) {
      const expired = state.expired.with((map) => {
        for (const [userId, number] of part.expired) map.set(userId, number);
      });
      return { ...state, expired };
    }
    return part.pending.reduce(
      (all, [userId, number, inviter, expiresAt, reason]) =>
        withOne(all, userId, { number, inviter, expiresAt, reason }),
      state,
    );
  },
  weigh: ({ count, expired }) => INVITATION_BYTES * count + EXPIRED_BYTES * expired.size,
};

function withOne(state: Invitations, userId: string, invitation: Invitation): Invitations {
  const before = state.pending.get(userId) ?? [];
  const others = before.filter(({ inviter }) => inviter !== invitation.inviter);
  return {
    ...state,
    pending: state.pending.with((map) => map.set(userId, [...others, invitation])),
    count: state.count - before.length + others.length + 1,
    last: Math.max(state.last, invitation.number),
  };
}

const without = (state: Invitations, invitees: readonly Invitee[]): Invitations =>
  invitees.reduce((all, { userId, invitationId }) => {
    const before = all.pending.get(userId) ?? [];
    const left = before.filter(({ number }) => number !== Number(invitationId));
    if (left.length === before.length) return all;
    const pending =
      left.length === 0 ? all.pending.without([userId]) : all.pending.with((map) => map.set(userId, left));
    return { ...all, pending, count: all.count - before.length + left.length };
  }, state);

function withoutUsers(state: Invitations, members: readonly EventMember[]): Invitations {
  const userIds = members.map(({ userId }) => userId);
  const gone = userIds.reduce((sum, userId) => sum + (state.pending.get(userId)?.length ?? 0), 0);
  return gone === 0 ? state : { ...state, pending: state.pending.without(userIds), count: state.count - gone };
}

function newest(expired: IdMap<number>): IdMap<number> {
  if (expired.size <= MOST_EXPIRED) return expired;
  const oldestFirst = [...expired].sort(([, a], [, b]) => a - b);
  return expired.without(oldestFirst.slice(0, MOST_EXPIRED / 2).map(([userId]) => userId));
}
