import { announcements } from './announcements';
import { attributes } from './attributes';
import { files } from './files';
import { bans } from './bans';
import { blocks } from './blocks';
import { imports } from './imports';
import { applications } from './applications';
import { invitations } from './invitations';
import { joinKeys } from './join-keys';
import { info } from './info';
import { memberProfile } from './member-profile';
import { lifecycle } from './lifecycle';
import { membership } from './membership';
import { roles } from './roles';
import { settings } from './settings';
import type { Slices } from './slice';

/** What a live group consists of: a slice for each feature that has state. */
export const SLICES = {
  info,
  lifecycle,
  membership,
  roles,
  settings,
  bans,
  blocks,
  announcements,
  files,
  memberProfile,
  imports,
  applications,
  invitations,
  joinKeys,
  attributes,
} as const satisfies Slices;

/** There never was a group with this id. */
export interface NoGroup {
  readonly status: 'none';
}

export type LiveGroupOf<S extends Slices> = { readonly status: 'live' } & {
  readonly [Name in keyof S]: S[Name]['initial'];
};

/** The group was dismissed, which is final. */
export interface DismissedGroup {
  readonly status: 'dismissed';
}

export type GroupStateOf<S extends Slices> = NoGroup | LiveGroupOf<S> | DismissedGroup;

/** A group as decisions need it: no times, no history. */
export type LiveGroup = LiveGroupOf<typeof SLICES>;
export type GroupState = GroupStateOf<typeof SLICES>;

export const noGroup: NoGroup = { status: 'none' };
export const dismissedGroup: DismissedGroup = { status: 'dismissed' };
export const initialState: GroupState = noGroup;

/** A live group of which nothing is known yet. */
export const blankGroup = <S extends Slices>(slices: S): LiveGroupOf<S> =>
  ({
    status: 'live',
    ...Object.fromEntries(Object.entries(slices).map(([name, { initial }]) => [name, initial])),
  }) as LiveGroupOf<S>;

const BASE_BYTES = 512;
const SLICE_LIST = Object.entries(SLICES as Slices) as [keyof typeof SLICES, Slices[string]][];

/** About how many bytes of memory a state takes, for a cache's bound. O(slices). */
export function weigh(state: GroupState): number {
  if (state.status !== 'live') return BASE_BYTES;
  let bytes = BASE_BYTES;
  for (const [name, slice] of SLICE_LIST) bytes += slice.weigh(state[name]);
  return bytes;
}

export { roleOf } from './roles';
