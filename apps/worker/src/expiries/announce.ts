import type { CohortClient } from '@cohort/client';
import {
  MAX_EXPIRED_APPLICATIONS,
  MAX_EXPIRED_BANS,
  MAX_EXPIRED_INVITATIONS,
  type ExpiryKind,
  type Position,
} from '@cohort/contracts';

/** A group in which something has run out. */
export interface GroupOfTenant {
  readonly app: string;
  readonly groupId: string;
}

/** How the ends of one kind are announced: by a command that names them and announces those that have run out. */
export interface Announcement {
  /** Most ends that one command names. */
  readonly atOnce: number;
  send(
    this: void,
    client: Pick<CohortClient, 'command'>,
    group: GroupOfTenant,
    ids: readonly string[],
  ): Promise<{ readonly position: Position }>;
}

const actor = { type: 'service' } as const;

/** By kind; a feature with ends adds a line. */
export const ANNOUNCEMENTS: Readonly<Record<ExpiryKind, Announcement>> = {
  ban: {
    atOnce: MAX_EXPIRED_BANS,
    send: (client, group, ids) => client.command('expireBans', { ...group, actor, userIds: [...ids] }),
  },
  application: {
    atOnce: MAX_EXPIRED_APPLICATIONS,
    send: (client, group, ids) => client.command('expireApplications', { ...group, actor, userIds: [...ids] }),
  },
  invitation: {
    atOnce: MAX_EXPIRED_INVITATIONS,
    send: (client, group, ids) => client.command('expireInvitations', { ...group, actor, userIds: [...ids] }),
  },
  banAll: { atOnce: 1, send: (client, group) => client.command('expireBanAll', { ...group, actor }) },
};
