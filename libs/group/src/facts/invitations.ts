import { MAX_MEMBERS_PER_EVENT, type GroupEvent, type Invitee, type PersonalText } from '@cohort/contracts';
import { refuse, type Refused } from '../decision';
import type { LiveGroup } from '../state';
import type { Invitation } from '../state/invitations';

function portions(invitees: readonly Invitee[]): (readonly Invitee[])[] {
  const count = Math.ceil(invitees.length / MAX_MEMBERS_PER_EVENT);
  return Array.from({ length: count }, (_, i) =>
    invitees.slice(i * MAX_MEMBERS_PER_EVENT, (i + 1) * MAX_MEMBERS_PER_EVENT),
  );
}

const inviteeOf = (userId: string, { number }: Pick<Invitation, 'number'>): Invitee => ({
  userId,
  invitationId: String(number),
});

/** The users are invited, with numbers after `last`. */
export const usersInvited = (
  userIds: readonly string[],
  last: number,
  { inviter, reason, expiresAt }: { inviter: string; reason: PersonalText | undefined; expiresAt: number },
): GroupEvent[] =>
  portions(userIds.map((userId, i) => inviteeOf(userId, { number: last + 1 + i }))).map((invitees) => ({
    type: 'invited',
    data: {
      invitees,
      inviter,
      ...(reason === undefined ? {} : { reason }),
      expiresAt: new Date(expiresAt).toISOString(),
    },
  }));

export const invitationAccepted = (userId: string, invitation: Invitation): GroupEvent => ({
  type: 'invitationAccepted',
  data: { ...inviteeOf(userId, invitation), inviter: invitation.inviter },
});

export const invitationDeclined = (userId: string, invitation: Invitation): GroupEvent => ({
  type: 'invitationDeclined',
  data: { ...inviteeOf(userId, invitation), inviter: invitation.inviter },
});

export const invitationsWithdrawn = (invitees: readonly Invitee[]): GroupEvent[] =>
  portions(invitees).map((portion) => ({ type: 'invitationWithdrawn', data: { invitees: portion } }));

const invitationsExpired = (invitees: readonly Invitee[], end: number): GroupEvent[] =>
  portions(invitees).map((portion) => ({
    type: 'invitationExpired',
    data: { invitees: portion, endedAt: new Date(end).toISOString() },
  }));

/** An invitation to a user. */
export interface InvitationTo {
  readonly userId: string;
  readonly invitation: Invitation;
}

/** Those of the invitations that have run out are announced, those that ended first before the others. */
export function invitationsRunOut(pending: readonly InvitationTo[], at: number): GroupEvent[] {
  const byEnd = new Map<number, Invitee[]>();
  for (const { userId, invitation } of pending) {
    const { expiresAt } = invitation;
    if (expiresAt <= at) byEnd.set(expiresAt, [...(byEnd.get(expiresAt) ?? []), inviteeOf(userId, invitation)]);
  }
  return [...byEnd].sort(([a], [b]) => a - b).flatMap(([end, invitees]) => invitationsExpired(invitees, end));
}

/** The invitations end now. What has run out before is announced as such, with its end. */
export const invitationsEnded = (pending: readonly InvitationTo[], at: number): GroupEvent[] => [
  ...invitationsRunOut(pending, at),
  ...invitationsWithdrawn(
    pending
      .filter(({ invitation }) => invitation.expiresAt > at)
      .map(({ userId, invitation }) => inviteeOf(userId, invitation)),
  ),
];

export const pendingOf = ({ invitations: { pending } }: LiveGroup, userId: string): readonly Invitation[] =>
  pending.get(userId) ?? [];

/** Pending invitations to a user and by them, the oldest first. */
export function invitationsOf(group: LiveGroup, userId: string): Invitee[] {
  const to = pendingOf(group, userId).map((invitation) => inviteeOf(userId, invitation));
  const by = [...group.invitations.pending].flatMap(([invitee, invitations]) =>
    invitee === userId
      ? []
      : invitations.filter(({ inviter }) => inviter === userId).map((invitation) => inviteeOf(invitee, invitation)),
  );
  return [...to, ...by].sort((a, b) => Number(a.invitationId) - Number(b.invitationId));
}

/** The user's invitations that can be answered, of one inviter or of all, the oldest first; or why there is none. */
export function openInvitations(
  group: LiveGroup,
  userId: string,
  inviter: string | undefined,
  at: number,
): readonly [Invitation, ...Invitation[]] | Refused {
  const asked = pendingOf(group, userId).filter((one) => inviter === undefined || one.inviter === inviter);
  const [first, ...others] = asked.filter(({ expiresAt }) => expiresAt > at);
  if (first !== undefined) return [first, ...others];
  if (asked.length > 0 || group.invitations.expired.has(userId)) {
    return refuse('INVITATION_EXPIRED', `The invitation of user ${userId} has run out.`, { userId });
  }
  const message = `User ${userId} has no such pending invitation: it was answered or withdrawn, or there was none.`;
  return refuse('INVITATION_HANDLED', message, { userId });
}
