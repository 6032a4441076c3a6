import { TEXTS, type VendorCode } from '../../../../apps/gateway/src/dialects/lanying/errors';
import type { Day, Group } from './model';

/** Who makes a call: a user by their own token or by an admin's, or a service in the group of the call. */
export type Who =
  { readonly as: 'user' | 'admin for user'; readonly user: number } | { readonly as: 'service'; readonly user?: never };

/** The fields of a call: each operation reads its own. */
export interface Fields {
  readonly group_id?: number;
  readonly group_list?: readonly number[];
  readonly user_list?: readonly number[];
  readonly user_id?: number;
  readonly new_owner?: number;
  readonly approval?: boolean;
  readonly value?: string | boolean;
  readonly reason?: string;
  readonly duration?: number;
  readonly apply_approval?: number;
  readonly msg_mute_mode?: number;
  readonly msg_push_mode?: number;
  readonly announcement_id?: number;
  readonly file_id?: number;
  readonly file_list?: readonly number[];
  readonly qr_info?: string;
  readonly name?: string;
  readonly type?: number | string;
  readonly size?: number;
  readonly url?: string;
  readonly avatar?: string;
  readonly description?: string;
  readonly title?: string;
  readonly content?: string;
}

export interface Asked {
  readonly path: string;
  readonly by: Who;
  readonly fields: Fields;
}

/** When a call was on its way, in milliseconds since 1970. */
export type Span = readonly [from: number, to: number];

/** What a call that succeeds answers and changes. */
export interface Success {
  /** `data` of the answer; absent in a bare one. */
  readonly data?: (span: Span) => unknown;
  /** Whether `total` and `version` stand beside the data. */
  readonly isPage?: boolean;
  readonly then?: (data: unknown, span: Span) => void;
}
export type Rule = (day: Day, asked: Asked) => Success;
export type Rules = Readonly<Record<string, Rule>>;

/** A rule refuses the call with this code. */
export class Refused extends Error {
  constructor(readonly code: VendorCode) {
    super(TEXTS[code]);
  }
}
export const refuseIf = (condition: boolean, code: VendorCode): void => {
  if (condition) throw new Refused(code);
};

/** The live group of a call. */
export function groupOf(day: Day, { fields }: Asked): Group {
  const group = day.groups.find(({ id }) => id === fields.group_id);
  if (!group?.isLive) throw new Refused(20001);
  return group;
}

/** The acting user of an operation that only users have. */
export function userOf({ by }: Asked): number {
  if (by.as === 'service') throw new Refused(10002);
  return by.user;
}

export type Standing = 'service' | 'owner' | 'admin' | 'member' | 'stranger';
export function standingOf(group: Group, { by }: Asked): Standing {
  if (by.as === 'service') return 'service';
  if (group.owner === by.user) return 'owner';
  if (group.admins.has(by.user)) return 'admin';
  return group.members.has(by.user) ? 'member' : 'stranger';
}

/** The group of a call that members may make. */
export function asMember(day: Day, asked: Asked): Group {
  const group = groupOf(day, asked);
  refuseIf(standingOf(group, asked) === 'stranger', 20011);
  return group;
}

/** The group of a call that admins may make, and members if `others`. */
export function asAdmin(day: Day, asked: Asked, others: (group: Group) => boolean = () => false): Group {
  const group = asMember(day, asked);
  refuseIf(standingOf(group, asked) === 'member' && !others(group), 20012);
  return group;
}

/** The group of a call that the owner may make. */
export function asOwner(day: Day, asked: Asked): Group {
  const group = groupOf(day, asked);
  refuseIf(!['service', 'owner'].includes(standingOf(group, asked)), 20013);
  return group;
}

/** The user as whom the actor writes: a service does so as the owner. */
export const authorOf = (group: Group, { by }: Asked): number => by.user ?? group.owner;

export const distinct = <T>(list: readonly T[] = []): T[] => [...new Set(list)];

/** The users of a call: who is refused, and with which code. */
export function sorted({ fields }: Asked, refusalOf: (user: number) => VendorCode | undefined) {
  const users = distinct(fields.user_list);
  return {
    taken: users.filter((user) => refusalOf(user) === undefined),
    results: users.map((user) => {
      const code = refusalOf(user);
      const result = code === undefined ? { result: 'success' } : { result: 'fail', reason: TEXTS[code] };
      return { user_id: user, ...result };
    }),
  };
}

/** Why the actor may do nothing to a user of this role: the owner is protected by a code, admins from all but the owner. */
export function protection(group: Group, asked: Asked, ownerCode: VendorCode) {
  const mayAdmins = ['service', 'owner'].includes(standingOf(group, asked));
  return (user: number): VendorCode | undefined => {
    if (user === group.owner) return ownerCode;
    return group.admins.has(user) && !mayAdmins ? 20013 : undefined;
  };
}

export const yes = (then?: Success['then']): Success => ({ data: () => true, ...(then && { then }) });
export const bare = (then?: Success['then']): Success => (then ? { then } : {});
