import { LIMITS, OnGroup, onGroup } from '../command';
import { event, type EventMember, notification } from '../event';
import { members } from '../event-members';
import { type ListPart, MirroredOfGroup, query } from '../query';
import { IsId, IsList } from '../validation';

/**
 * Users may neither be nor become members; by the owner, an admin or a service. Members among them are removed. Nobody
 * blocks the owner; only the owner or a service blocks an admin.
 */
export class Block extends OnGroup {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

/** Users may become members again; by the owner, an admin or a service. */
export class Unblock extends Block {}

/** Blocked users, in the order of their ids. */
export class ListBlocked extends MirroredOfGroup {}

export interface BlockView {
  readonly userId: string;
  /** ISO 8601 UTC. */
  readonly blockedAt: string;
}

/** `GROUP_DISMISSED` for a dismissed group. */
export type BlockedAnswer = {
  readonly blocked: readonly BlockView[];
  readonly total: number;
  readonly revision: string;
} & ListPart;

/** `blocked`: the users can't be members. A `memberKicked` before it, in the same append, names the members among them. */
export interface Blocked {
  readonly users: readonly EventMember[];
}

/** `unblocked` */
export interface Unblocked {
  readonly users: readonly EventMember[];
}

export const blocks = {
  commands: {
    block: onGroup(Block, { names: 'userIds' }),
    unblock: onGroup(Unblock, { names: 'userIds' }),
  },
  queries: { blocked: query<ListBlocked, BlockedAnswer>(ListBlocked, ['blocked', 'list']) },
  events: {
    blocked: event<Blocked>({ users: members }),
    unblocked: event<Unblocked>({ users: members }),
  },
  notifications: {
    blocked: notification(),
    unblocked: notification(),
  },
} as const;
