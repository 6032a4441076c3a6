import { KEY_MADE, KEYS_ERASED, sealText, userKeyStream, type PersonalText } from '@cohort/contracts';
import {
  announcementDeleted,
  announcementPosted,
  applicationApproved,
  applicationDeclined,
  applicationWithdrawn,
  applied,
  disabled,
  displayNameChanged,
  enabled,
  fileRemoved,
  fileRenamed,
  fileShared,
  invitationAccepted,
  invitationDeclined,
  invitationExpired,
  invitationWithdrawn,
  invited,
  joined,
  joinedBy,
  left,
  settingsChanged,
} from '@cohort/contracts/testing';
import type { Log } from './log';

/** What happens to a group beside its members, roles, bans and blocks, by feature. */
export const THINGS = {
  announcements: ['announce', 'deleteAnnouncement'],
  files: ['share', 'renameFile', 'removeFiles'],
  applications: ['apply', 'approve', 'decline', 'withdraw'],
  invitations: ['invite', 'accept', 'refuse', 'withdrawInvitations', 'expireInvitations'],
  persons: ['name', 'erase'],
  settings: ['setVisibility', 'disable', 'enable'],
} as const;
export type Thing = (typeof THINGS)[keyof typeof THINGS][number];

/** Ends in the past and in the future of any test, in milliseconds since 1970. */
const ENDS = [1e12, 4e12] as const;
const KEY = Buffer.alloc(32, 5);

/** The keys of the users' personal texts, over all groups of a log. */
export class Keys {
  private readonly numbers = new Map<string, { current?: number; events: number }>();

  /** A text of the user, sealed; the user gets a key with the first one. */
  seal(log: Log, user: string, text: string): PersonalText {
    const stream = userKeyStream(log.app, user);
    const known = this.numbers.get(user) ?? { events: 0 };
    if (known.current === undefined) {
      log.append(stream, [{ type: KEY_MADE, data: { key: KEY.toString('base64url') } }]);
      known.events += 1;
      known.current = known.events;
    }
    this.numbers.set(user, known);
    return sealText(text, { keyId: `${log.app}/${user}#${known.current}`, key: KEY }, 'g');
  }

  erase(log: Log, user: string): void {
    log.append(userKeyStream(log.app, user), [{ type: KEYS_ERASED, data: {} }]);
    this.numbers.set(user, { events: (this.numbers.get(user)?.events ?? 0) + 1 });
  }
}

/** One group's announcements, files, applications and invitations: what an event may name, and the numbers given so far. */
export class GroupThings {
  private readonly announcements = { made: 0, there: [] as string[] };
  private readonly files = { made: 0, there: [] as string[] };
  private readonly applications = { made: 0, pending: new Map<string, number>() };
  private readonly invitations = { made: 0, pending: new Map<string, { inviter: string; number: number }[]>() };

  constructor(
    private readonly log: Log,
    private readonly id: string,
    /** Of each live group, with their roles. */
    private readonly groups: ReadonlyMap<string, Map<string, string>>,
    private readonly keys: Keys,
  ) {}

  private get members(): Map<string, string> {
    return this.groups.get(this.id)!;
  }

  step(thing: Thing, who: readonly string[]): void {
    const { log, id, members, announcements, files, applications, invitations } = this;
    const [first] = who as [string, ...string[]];
    const inside = who.find((user) => members.has(user));
    const outside = who.filter((user) => !members.has(user));
    const asking = outside.find((user) => applications.pending.has(user));
    const asked = outside.find((user) => invitations.pending.has(user));
    const invitation = asked === undefined ? undefined : invitations.pending.get(asked)![0]!;
    switch (thing) {
      case 'announce':
        announcements.there.push(String(++announcements.made));
        return void log.group(id, announcementPosted(String(announcements.made), { title: first }));
      case 'deleteAnnouncement':
        return this.each(announcements.there.splice(0, 1), (number) => log.group(id, announcementDeleted(number)));
      case 'share':
        files.there.push(String(++files.made));
        return void log.group(id, fileShared(String(files.made), first));
      case 'renameFile':
        return this.each(files.there.slice(-1), (number) => log.group(id, fileRenamed(number, who.join(''))));
      case 'removeFiles': {
        const gone = files.there.splice(0, who.length);
        return this.each(gone.slice(0, 1), () =>
          log.group(id, fileRemoved(...gone.map((file) => [file, 'z'] as const))),
        );
      }
      case 'apply':
        return this.each(outside.slice(0, 1), (user) => {
          const reason = this.keys.seal(log, user, `I am ${user}`);
          applications.pending.set(user, ++applications.made);
          log.group(id, applied(user, applications.made, ENDS[who.length % 2]!, reason));
        });
      case 'approve':
        return this.each(asking, (user) => {
          members.set(user, 'member');
          const via = joinedBy('application', 'z', members.size, user);
          log.group(id, applicationApproved(user, this.endApplication(user), 'z'), via);
          invitations.pending.delete(user);
        });
      case 'decline':
        return this.each(asking, (user) => log.group(id, applicationDeclined(user, this.endApplication(user))));
      case 'withdraw':
        return this.each(asking, (user) => log.group(id, applicationWithdrawn(user, this.endApplication(user))));
      case 'invite': {
        if (outside.length === 0) return;
        const inviter = inside ?? 'z';
        const reason = this.keys.seal(log, inviter, `Join ${inviter}`);
        const numbers = Object.fromEntries(outside.map((user) => [user, ++invitations.made]));
        for (const [user, number] of Object.entries(numbers)) {
          const others = (invitations.pending.get(user) ?? []).filter((one) => one.inviter !== inviter);
          invitations.pending.set(user, [...others, { inviter, number }]);
        }
        return void log.group(id, invited(inviter, numbers, ENDS[who.length % 2]!, reason));
      }
      case 'accept':
        if (asked === undefined) return;
        members.set(asked, 'member');
        invitations.pending.delete(asked);
        applications.pending.delete(asked);
        return void log.group(
          id,
          invitationAccepted(asked, invitation!.number, invitation!.inviter),
          joined('invitation', members.size, asked),
        );
      case 'refuse':
      case 'withdrawInvitations':
      case 'expireInvitations': {
        if (asked === undefined) return;
        const { number, inviter } = invitation!;
        const rest = invitations.pending.get(asked)!.slice(1);
        if (rest.length === 0) invitations.pending.delete(asked);
        else invitations.pending.set(asked, rest);
        if (thing === 'refuse') return void log.group(id, invitationDeclined(asked, number, inviter));
        const numbered = { [asked]: number };
        return void log.group(
          id,
          thing === 'expireInvitations' ? invitationExpired(numbered, ENDS[0]) : invitationWithdrawn(numbered),
        );
      }
      case 'name':
        return this.each(inside, (user) =>
          log.group(id, displayNameChanged(user, this.keys.seal(log, user, who.join('')))),
        );
      case 'setVisibility':
        return void log.group(id, settingsChanged({ visibility: who.length % 2 === 0 ? 'private' : 'public' }));
      case 'disable':
        return void log.group(id, disabled());
      case 'enable':
        return void log.group(id, enabled());
      case 'erase':
        for (const [group, there] of this.groups) {
          // Nobody is erased while they own a group.
          if (there.get(first) === 'owner') return;
          if (there.delete(first)) log.group(group, left(there.size, first));
        }
        return this.keys.erase(log, first);
    }
  }

  /** The number of a pending application, which is handled. */
  private endApplication(user: string): number {
    const number = this.applications.pending.get(user)!;
    this.applications.pending.delete(user);
    return number;
  }

  private each<T>(some: T | readonly T[] | undefined, act: (one: T) => unknown): void {
    if (some !== undefined) for (const one of Array.isArray(some) ? (some as T[]) : [some as T]) act(one);
  }
}
