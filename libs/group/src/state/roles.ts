import type { EventMember, Role } from '@cohort/contracts';
import { IdSet } from './id-set';
import type { Membership } from './membership';
import { portionsBySize, type Slice } from './slice';

/** Which members have a role of their own; the others are plain members. */
export interface Roles {
  readonly owner: string;
  readonly admins: IdSet;
}

export type RolesPart = Pick<Roles, 'owner'> | { readonly admins: readonly string[] };

/** What a role is based on. */
interface Members {
  readonly membership: Membership;
}

const ADMIN_BYTES = 128;

export const roles: Slice<Roles, RolesPart, Members> = {
  version: 1,
  initial: { owner: '', admins: IdSet.empty },
  evolve: {
    created: (state, { owner }) => ({ ...state, owner }),
    // The old owner stays as a plain member.
    ownerTransferred: ({ admins }, { to }) => ({ owner: to, admins: admins.without([to]) }),
    adminGranted: (state, { members }, { membership }) => {
      const mayBe = ({ userId }: EventMember) => membership.members.has(userId) && userId !== state.owner;
      return { ...state, admins: state.admins.with(idsOf(members.filter(mayBe))) };
    },
    membersImported: (state, { members }) => {
      const admins = members.filter(({ role, userId }) => role === 'admin' && userId !== state.owner);
      return admins.length === 0 ? state : { ...state, admins: state.admins.with(idsOf(admins)) };
    },
    adminRevoked: (state, { members }) => ({ ...state, admins: state.admins.without(idsOf(members)) }),
  },
  whenMembersGo: (state, members) =>
    state.admins.size === 0 ? state : { ...state, admins: state.admins.without(idsOf(members)) },
  *pack({ owner, admins }) {
    yield { owner };
    for (const portion of portionsBySize(admins)) yield { admins: portion };
  },
  unpack: (state, part) =>
    'owner' in part ? { ...state, ...part } : { ...state, admins: state.admins.with(part.admins) },
  weigh: ({ admins }) => ADMIN_BYTES * admins.size,
};

/** The role of a member; undefined for any other user. */
export function roleOf(group: Members & { readonly roles: Roles }, userId: string): Role | undefined {
  if (!group.membership.members.has(userId)) return undefined;
  if (userId === group.roles.owner) return 'owner';
  return group.roles.admins.has(userId) ? 'admin' : 'member';
}

const idsOf = (members: readonly EventMember[]): string[] => members.map(({ userId }) => userId);
