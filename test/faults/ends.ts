import {
  parseGroupStream,
  type EventMetadata,
  type GroupEventData,
  type GroupEventType,
  type Invitee,
} from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';

/** The ends of bans, bans of all, applications and invitations, which happen by themselves. */
export interface Ends {
  readonly wrong: readonly string[];
  /** What has ended at this time, and isn't announced. */
  forgotten(this: void, at: number): string[];
  /** Ends that were announced, by the type of the event. */
  readonly announced: Readonly<Record<string, number>>;
}

interface Pending {
  /** Infinity: it doesn't end by itself. */
  readonly end: number;
  /** Of applications and invitations. */
  readonly userId?: string;
  readonly inviter?: string;
}

const ALL = 'the ban of all';
const ban = (userId: string): string => `the ban of ${userId}`;
const application = (userId: string): string => `the application of ${userId}`;
const invitation = ({ userId, invitationId }: Invitee): string => `invitation ${invitationId} of ${userId}`;
const time = (until: string | undefined): number => (until === undefined ? Infinity : Date.parse(until));

/** What is pending in one group. */
class OfGroup {
  readonly pending = new Map<string, Pending>();
  readonly wrong: string[] = [];
  announced = 0;

  /** It ended by itself before this time, and that is announced now. */
  expired(what: string, endedAt: string | undefined, at: number): void {
    const end = this.pending.get(what)?.end;
    if (end === undefined) this.wrong.push(`${what} ends, and there is none`);
    else if (time(endedAt) !== end) this.wrong.push(`${what} ends with another time`);
    else if (end > at) this.wrong.push(`${what} was announced early`);
    this.pending.delete(what);
    this.announced += 1;
  }

  /** It was lifted, or answered. */
  ended(what: string, at: number): void {
    const end = this.pending.get(what)?.end;
    if (end === undefined) this.wrong.push(`${what} ends, and there is none`);
    else if (end <= at) this.wrong.push(`${what} had run out before`);
    this.pending.delete(what);
  }

  dropWhere(condition: (one: Pending) => boolean): void {
    for (const [what, one] of this.pending) if (condition(one)) this.pending.delete(what);
  }
}

type Steps = {
  readonly [T in GroupEventType]?: (group: OfGroup, data: GroupEventData[T], at: number) => void;
};

const STEPS: Steps = {
  banned: ({ pending }, { users, until }) => {
    for (const { userId } of users) pending.set(ban(userId), { end: time(until) });
  },
  unbanned: (group, { users, reason, endedAt }, at) => {
    for (const { userId } of users) {
      if (reason === 'expired') group.expired(ban(userId), endedAt, at);
      else group.ended(ban(userId), at);
    }
  },
  allBanned: ({ pending }, { until }) => void pending.set(ALL, { end: time(until) }),
  allUnbanned: (group, { reason, endedAt }, at) =>
    reason === 'expired' ? group.expired(ALL, endedAt, at) : group.ended(ALL, at),
  applied: ({ pending }, { userId, expiresAt }) =>
    void pending.set(application(userId), { end: time(expiresAt), userId }),
  applicationApproved: (group, { userId }, at) => group.ended(application(userId), at),
  applicationDeclined: (group, { userId }, at) => group.ended(application(userId), at),
  applicationWithdrawn: ({ pending }, { userId }) => void pending.delete(application(userId)),
  applicationExpired: (group, { userId, endedAt }, at) => group.expired(application(userId), endedAt, at),
  invited: (group, { invitees, inviter, expiresAt }) => {
    for (const invitee of invitees) {
      const { userId } = invitee;
      // A new invitation replaces the inviter's earlier one.
      group.dropWhere((one) => one.inviter === inviter && one.userId === userId);
      group.pending.set(invitation(invitee), { end: time(expiresAt), userId, inviter });
    }
  },
  invitationAccepted: (group, invitee, at) => group.ended(invitation(invitee), at),
  invitationDeclined: (group, invitee, at) => group.ended(invitation(invitee), at),
  invitationWithdrawn: ({ pending }, { invitees }) => {
    for (const invitee of invitees) pending.delete(invitation(invitee));
  },
  invitationExpired: (group, { invitees, endedAt }, at) => {
    for (const invitee of invitees) group.expired(invitation(invitee), endedAt, at);
  },
  // A member has neither applications nor invitations.
  memberJoined: (group, { members }) => {
    const joined = new Set(members.map(({ userId }) => userId));
    group.dropWhere(({ userId }) => userId !== undefined && joined.has(userId));
  },
  dismissed: ({ pending }) => pending.clear(),
};

/**
 * Each end in the log must be announced once, with the time at which it was, and not before that time; and nothing may be lifted or
 * answered after its end.
 */
export function endsOf(log: readonly StoredEvent[]): Ends {
  const wrong: string[] = [];
  const announced: Record<string, number> = {};
  const groups = new Map<string, OfGroup>();
  for (const { stream, revision, type, data, metadata } of log) {
    if (parseGroupStream(stream) === undefined) continue;
    const group = groups.get(stream) ?? new OfGroup();
    groups.set(stream, group);
    const step = STEPS[type as GroupEventType] as ((group: OfGroup, data: unknown, at: number) => void) | undefined;
    step?.(group, data, Date.parse((metadata as unknown as EventMetadata).at));
    for (const fault of group.wrong.splice(0)) wrong.push(`${stream}@${revision} ${type}: ${fault}`);
    if (group.announced > 0) announced[type] = (announced[type] ?? 0) + group.announced;
    group.announced = 0;
  }
  return {
    wrong,
    announced,
    forgotten: (at) =>
      [...groups].flatMap(([stream, { pending }]) =>
        [...pending].filter(([, { end }]) => end <= at).map(([what]) => `${stream}: the end of ${what} is forgotten`),
      ),
  };
}
