import { Map } from 'immutable';
import type { Role } from '@cohort/contracts';

/**
 * Raised whenever `evolve` means something else or the packed form changes: snapshots of another version are ignored.
 */
export const GROUP_STATE_VERSION = 1;

export interface Member {
  readonly role: Role;
  /** Place in the order of joining: the lowest has been here longest. */
  readonly seq: number;
}

/** There never was a group with this id. */
export interface NoGroup {
  readonly status: 'none';
}

/** A group as decisions need it: no times, no history. */
export interface LiveGroup {
  readonly status: 'live';
  readonly name: string;
  readonly description: string;
  readonly avatar: string;
  readonly ext: string;
  readonly owner: string;
  /** The group's number, unique in its app. */
  readonly numericId: string;
  /** Most members it may have. */
  readonly capacity: number;
  /** Persistent, so that a state that is only tried out costs what it changes. */
  readonly members: Map<string, Member>;
  /** The `seq` of the next who joins. */
  readonly nextSeq: number;
}

/** The group is over, for good. */
export interface DismissedGroup {
  readonly status: 'dismissed';
}

export type GroupState = NoGroup | LiveGroup | DismissedGroup;

export const initialState: GroupState = { status: 'none' };
export const dismissedState: GroupState = { status: 'dismissed' };

export const roleOf = (group: LiveGroup, userId: string): Role | undefined => group.members.get(userId)?.role;

const BASE_BYTES = 512;
const MEMBER_BYTES = 256;

/** About how many bytes of memory a state takes, for a cache's bound. O(1). */
export function weigh(state: GroupState): number {
  if (state.status !== 'live') return BASE_BYTES;
  const { name, description, avatar, ext, members } = state;
  const text = name.length + description.length + avatar.length + ext.length;
  return BASE_BYTES + 2 * text + MEMBER_BYTES * members.size;
}
