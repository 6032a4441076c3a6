import type { Actor } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import { headerOf } from './auth';
import { badField, LanyingError } from './errors';
import type { LanyingCall } from './fields';
import { int64Of, type Ids } from './ids';

/**
 * Who may send a call, before the group decides. A command's group checks roles and settings itself; a query has no actor.
 *
 * - `user`: a user acts; an admin's token needs the header `user_id`.
 * - `actor`: a user, or the service in the group that the header `group_id` names.
 * - `member`, `admin`: a member, an admin or the owner of the group; any admin's token.
 * - `anyone`: every valid token.
 */
export type Access = 'user' | 'actor' | 'member' | 'admin' | 'anyone';

/** Who acts in a call. */
export interface Acting {
  readonly as: Caller;
  readonly actor: Actor;
  readonly me: () => string;
  /** The group in which an admin's token acts as the service. */
  readonly inGroup: string | undefined;
}

/** Finds who acts: the ids of the users and the group that token and headers name by number. */
export async function acting(anyone: Caller, call: LanyingCall, ids: Ids): Promise<Acting> {
  const { actor } = call;
  if (actor.type === 'user') {
    const id = await ids.subject(actor.id);
    const given = headerOf(call, 'user_id');
    if (given !== undefined && given !== actor.id && (await ids.userId(given)) !== id) throw new LanyingError(10010);
    if (!(await anyone.isKnown(id))) throw new LanyingError(10000);
    const user = { type: 'user', id } as const;
    return { as: anyone.by(user), actor: user, me: () => id, inGroup: undefined };
  }
  return { as: anyone, actor, me: noUser, inGroup: await groupOf(call, ids) };
}

async function groupOf(call: LanyingCall, ids: Ids): Promise<string | undefined> {
  const given = headerOf(call, 'group_id');
  if (given === undefined) return undefined;
  if (int64Of(given) === undefined) throw badField('group_id', 'must be a number');
  return ids.groupId(given);
}

const noUser = (): never => {
  throw badField('user_id', 'is required');
};

/** Throws the vendor's error unless this access is given. */
export async function mayAct(access: Access, who: Acting, input: object): Promise<void> {
  const groupId = 'group_id' in input && typeof input.group_id === 'string' ? input.group_id : undefined;
  const named = 'group_list' in input && Array.isArray(input.group_list) ? (input.group_list as unknown[]) : [groupId];
  const isElsewhere = (id: unknown) => id !== undefined && id !== who.inGroup;
  if (who.inGroup !== undefined && named.some(isElsewhere)) throw new LanyingError(20012);
  if (access === 'anyone') return;
  if (access === 'user') return void who.me();
  if (who.actor.type === 'service') {
    if (access === 'actor' && (who.inGroup === undefined || groupId === undefined)) who.me();
    return;
  }
  if (groupId !== undefined && access !== 'actor') await mustBe(access, who, groupId);
}

async function mustBe(role: 'member' | 'admin', { as, me }: Acting, groupId: string): Promise<void> {
  const found = await as.query('isMember', { groupId, userId: me() });
  if (!found.isMember) {
    await mustLive(as, groupId);
    throw new LanyingError(20011);
  }
  if (role === 'admin' && found.role === 'member') throw new LanyingError(20012);
}

/** Throws for a group that is unknown or dismissed. */
export async function mustLive(as: Caller, groupId: string): Promise<void> {
  const { status } = await as.query('group', { groupId });
  if (status === 'dismissed') throw new LanyingError(20001);
}
