import type {
  Actor,
  GroupCommand,
  GroupCommandData,
  GroupCommandName,
  GroupEvent,
  GroupEventData,
  JoinVia,
} from '@cohort/contracts';

export const service: Actor = { type: 'service' };
export const user = (id: string): Actor => ({ type: 'user', id });

const members = (userIds: readonly string[]) => userIds.map((userId) => ({ userId }));

export const created = (owner: string, over: object = {}): GroupEvent => ({
  type: 'created',
  data: { name: 'Sales', owner, numericId: '4503599627370496', capacity: 10, memberCount: 1, ...over },
});
export const joined = (via: JoinVia, count: number, ...userIds: string[]): GroupEvent => ({
  type: 'memberJoined',
  data: { members: members(userIds), via, memberCount: count },
});
export const left = (count: number, ...userIds: string[]): GroupEvent => ({
  type: 'memberLeft',
  data: { members: members(userIds), memberCount: count },
});
export const kicked = (count: number, ...userIds: string[]): GroupEvent => ({
  type: 'memberKicked',
  data: { members: members(userIds), memberCount: count },
});
export const granted = (...userIds: string[]): GroupEvent => ({
  type: 'adminGranted',
  data: { members: members(userIds) },
});
export const revoked = (...userIds: string[]): GroupEvent => ({
  type: 'adminRevoked',
  data: { members: members(userIds) },
});
export const transferred = (from: string, to: string, reason: 'requested' | 'ownerLeft'): GroupEvent => ({
  type: 'ownerTransferred',
  data: { from, to, reason },
});
export const dismissed = (reason: 'requested' | 'ownerLeft'): GroupEvent => ({ type: 'dismissed', data: { reason } });
export const changed = (data: GroupEventData['infoChanged']): GroupEvent => ({
  type: 'infoChanged',
  data,
});

/** The same event, as part of a sync. */
export const ofSync = (sync: number, event: GroupEvent): GroupEvent =>
  ({ ...event, data: { ...event.data, sync } }) as GroupEvent;

export type CommandFields<N extends GroupCommandName> = Omit<
  GroupCommandData<N>,
  'app' | 'actor' | 'groupId' | 'commandId' | 'expectedRevision'
> & { actor?: Actor; groupId?: string };

/** A command on group `g` of app `demo`, by a service unless said otherwise. */
export const command = <N extends GroupCommandName>(type: N, fields: CommandFields<N>): GroupCommand =>
  ({ type, data: { app: 'demo', actor: service, groupId: 'g', ...fields } }) as GroupCommand;
