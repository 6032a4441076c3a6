import type { EventMember, GroupEventType } from '@cohort/contracts';
import { IdMap } from './id-map';
import { idEntryBytes, portionsBySize, type Slice } from './slice';

/** Who is in the group. */
export interface Membership {
  /** Most members it may have. */
  readonly capacity: number;
  /** Each member's place in the order of joining: the lowest has been here longest. */
  readonly members: IdMap<number>;
  /** The place of the next user that joins. */
  readonly nextSeq: number;
}

/** Members by columns: the i-th of each belong together. */
export interface MemberColumns {
  readonly ids: readonly string[];
  readonly seqs: readonly number[];
}
export type MembershipPart = Omit<Membership, 'members'> | MemberColumns;

const MEMBER_BYTES = 96;

export const membership: Slice<Membership, MembershipPart> = {
  version: 1,
  initial: { capacity: 0, members: IdMap.empty(), nextSeq: 0 },
  evolve: {
    created: ({ members }, { owner, capacity }) => ({
      capacity,
      members: members.with((map) => map.set(owner, 0)),
      nextSeq: 1,
    }),
    capacityChanged: (state, { capacity }) => ({ ...state, capacity }),
    memberJoined: (state, { members }) => come(state, members),
    membersImported: (state, { members }) => (members.length === 0 ? state : come(state, members)),
    // An owner is a member, also one that was none before.
    ownerTransferred: (state, { to }) => come(state, [{ userId: to }]),
  },
  whenMembersGo: (state, members) => ({
    ...state,
    members: state.members.without(members.map(({ userId }) => userId)),
  }),
  *pack({ members, ...head }) {
    yield head;
    for (const entries of portionsBySize(members, idEntryBytes)) {
      yield { ids: entries.map(([userId]) => userId), seqs: entries.map(([, seq]) => seq) };
    }
  },
  unpack: (state, part) => ('ids' in part ? withColumns(state, part) : { ...state, ...part }),
  weigh: ({ members }) => MEMBER_BYTES * members.size,
};

/** The events that take members away: those that they name. */
export const TAKING_MEMBERS = ['memberLeft', 'memberKicked'] as const satisfies GroupEventType[];

/** A user that is a member already keeps their place. */
function come(state: Membership, users: readonly EventMember[]): Membership {
  let { nextSeq } = state;
  const members = state.members.with((map) => {
    for (const { userId } of users) if (map.add(userId, nextSeq)) nextSeq += 1;
  });
  return { ...state, members, nextSeq };
}

function withColumns(state: Membership, { ids, seqs }: MemberColumns): Membership {
  if (ids.length !== seqs.length) throw new Error('A packed group has columns of unequal length.');
  const members = state.members.with((map) => {
    ids.forEach((userId, i) => map.set(userId, seqs[i]!));
  });
  return { ...state, members };
}
