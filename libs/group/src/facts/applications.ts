import type { GroupEvent, PersonalText } from '@cohort/contracts';
import { refuse, type Refused } from '../decision';
import type { LiveGroup } from '../state';
import type { Application } from '../state/applications';

const handledBy = (by: string | undefined): { by?: string } => (by === undefined ? {} : { by });

export const applied = (
  userId: string,
  number: number,
  expiresAt: number,
  reason: PersonalText | undefined,
): GroupEvent => ({
  type: 'applied',
  data: {
    userId,
    applicationId: String(number),
    ...(reason === undefined ? {} : { reason }),
    expiresAt: new Date(expiresAt).toISOString(),
  },
});

export const applicationApproved = (userId: string, number: number, by: string | undefined): GroupEvent => ({
  type: 'applicationApproved',
  data: { userId, applicationId: String(number), ...handledBy(by) },
});

export const applicationDeclined = (userId: string, number: number, by: string | undefined): GroupEvent => ({
  type: 'applicationDeclined',
  data: { userId, applicationId: String(number), ...handledBy(by) },
});

export const applicationWithdrawn = (userId: string, number: number): GroupEvent => ({
  type: 'applicationWithdrawn',
  data: { userId, applicationId: String(number) },
});

export const applicationExpired = (userId: string, { number, expiresAt }: Application): GroupEvent => ({
  type: 'applicationExpired',
  data: { userId, applicationId: String(number), endedAt: new Date(expiresAt).toISOString() },
});

/** The user's pending application ends now. What has run out before is announced as such, with its end. */
export const applicationEnded = (userId: string, pending: Application, at: number): GroupEvent =>
  pending.expiresAt <= at ? applicationExpired(userId, pending) : applicationWithdrawn(userId, pending.number);

/** The user's application that can be handled, or why there is none. */
export function pendingApplication(
  { applications: { pending, expired } }: LiveGroup,
  userId: string,
  at: number,
): Application | Refused {
  const application = pending.get(userId);
  if (application !== undefined && application.expiresAt > at) return application;
  if (application !== undefined || expired.has(userId)) {
    return refuse('APPLICATION_EXPIRED', `The application of user ${userId} has run out.`, { userId });
  }
  const message = `User ${userId} has no pending application: it was handled or withdrawn, or there was none.`;
  return refuse('APPLICATION_HANDLED', message, { userId });
}
