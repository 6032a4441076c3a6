import { CohortError, type Actor, type Role } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import { AgoraError, notMembers, unauthorized } from './errors';

/**
 * Who may send a call, before the group decides. A command's group checks roles itself; a query has no actor.
 *
 * - `app`: the app's token alone. `own`: that, or the user whom the path names.
 * - `reader`: also users, of a private group its members. `member`: also users, its members. `admin`: its owner and admins.
 * - `anyone`: every valid token.
 */
export type Access = 'app' | 'own' | 'reader' | 'member' | 'admin' | 'anyone';

/** Throws the vendor's error unless this access is given. */
export async function mayAct(
  access: Access,
  as: Caller,
  actor: Actor,
  { groupId, userId }: { readonly groupId: string | undefined; readonly userId: string | undefined },
): Promise<void> {
  if (actor.type === 'service' || access === 'anyone') return;
  if (access === 'app' || (access === 'own' && userId !== actor.id)) throw unauthorized();
  if (access === 'own' || groupId === undefined) return;
  await mustRead(as, actor.id, groupId, access);
}

/** Throws unless the user may read this group. Returns a member's role. */
export async function mustRead(
  as: Caller,
  me: string,
  groupId: string,
  access: 'reader' | 'member' | 'admin',
): Promise<Role | undefined> {
  const { isMember, role } = await as.query('isMember', { groupId, userId: me });
  if (access === 'admin' && role === 'member') throw new CohortError('ADMIN_ONLY', 'is a plain member');
  if (isMember) return role;
  const { status, settings } = await as.query('group', { groupId });
  const isFound = status !== 'dismissed' && settings.visibility !== 'private';
  if (status === 'dismissed') throw new AgoraError('notFound', `grpID ${groupId} does not exist!`);
  if (access !== 'reader' || !isFound) throw notMembers(me);
  return undefined;
}
