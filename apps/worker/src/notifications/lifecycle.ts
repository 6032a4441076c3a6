import type { NotificationData, NotificationKind } from '@cohort/contracts';
import { notice, notifiesNobody, type Asked, type Notice, type Rules } from './rule';

export const lifecycle: Rules<'created' | 'disabled' | 'enabled' | 'dismissed'> = {
  /** A sync is the owner's own wish. */
  created: ({ owner, sync }) =>
    sync === undefined ? notice('added', [owner], { via: 'create', role: 'owner' }) : notifiesNobody(),

  disabled: (_data, asked) => toOwner('disabled', {}, asked),
  enabled: (_data, asked) => toOwner('enabled', {}, asked),

  /** To the last owner, unless their leaving ended the group. */
  dismissed: ({ reason }, asked) =>
    reason === 'requested' ? toOwner('dismissed', { reason }, asked) : notifiesNobody(),
};

async function toOwner<K extends NotificationKind>(
  kind: K,
  data: NotificationData[K],
  asked: Asked,
): Promise<readonly Notice[]> {
  const owner = await asked.owner();
  return owner === undefined ? notifiesNobody() : notice(kind, [owner], data);
}
