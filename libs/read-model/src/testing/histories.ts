import {
  allBanned,
  allowListed,
  allowListRemoved,
  allUnbanned,
  banned,
  blocked,
  infoChanged,
  created,
  dismissed,
  adminGranted,
  joined,
  kicked,
  left,
  adminRevoked,
  transferred,
  unbanned,
  unblocked,
} from '@cohort/contracts/testing';
import fc from 'fast-check';
import { Log } from './log';
import { GroupThings, Keys, THINGS, type Thing } from './things';

const MEMBERS = ['join', 'leave', 'kick', 'grant', 'revoke', 'transfer', 'rename', 'dismiss'] as const;
const BANS = ['ban', 'unban', 'banAll', 'unbanAll', 'allow', 'disallow'] as const;
const BLOCKS = ['block', 'unblock'] as const;
type Change = (typeof MEMBERS | typeof BANS | typeof BLOCKS)[number];
export type Kind = Change | Thing;
/** Everything that happens to groups, by feature. */
export const EVERYTHING: Readonly<Record<string, readonly Kind[]>> = {
  members: MEMBERS,
  bans: BANS,
  blocks: BLOCKS,
  ...THINGS,
};

export interface History {
  readonly log: Log;
  /** The members of each live group at the end, with their roles, in the order they joined. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export const USERS = [...'abcdefgh'];
/** Owner of every group at first; never leaves. */
export const FOUNDER = 'z';

/** Logs of groups as the domain writes them: each event is possible in the group's state at that time. */
export const histories = (
  groups: readonly string[],
  kinds: readonly Kind[] = [...MEMBERS, ...BANS, ...BLOCKS],
  { minLength = 0, maxLength = 40 } = {},
): fc.Arbitrary<History> =>
  fc
    .array(
      fc.record({
        id: fc.constantFrom(...groups),
        // Dismissals are rare, or hardly anything happens.
        kind: fc.oneof(...kinds.map((kind) => ({ arbitrary: fc.constant(kind), weight: kind === 'dismiss' ? 1 : 10 }))),
        who: fc.subarray(USERS, { minLength: 1 }),
      }),
      // Long histories, more often than by default.
      { minLength, maxLength, size: 'max' },
    )
    .map((steps) => {
      const log = new Log();
      const members = new Map<string, Map<string, string>>();
      const things = new Map<string, GroupThings>();
      const keys = new Keys();
      for (const [n, id] of groups.entries()) {
        log.group(id, created(FOUNDER, { name: id, numericId: String(n) }));
        members.set(id, new Map([[FOUNDER, 'owner']]));
        things.set(id, new GroupThings(log, id, members, keys));
      }
      for (const { id, kind, who } of steps) {
        const there = members.get(id);
        if (there === undefined) continue;
        if (isThing(kind)) things.get(id)!.step(kind, who);
        else step(log, id, there, kind, who);
        if (kind === 'dismiss') members.delete(id);
      }
      return { log, members };
    });

const isThing = (kind: Kind): kind is Thing => Object.values<readonly Kind[]>(THINGS).flat().includes(kind);

function step(log: Log, id: string, members: Map<string, string>, kind: Change, who: readonly string[]): void {
  const inside = who.filter((user) => members.has(user) && members.get(user) !== 'owner');
  const outside = who.filter((user) => !members.has(user));
  const [first] = inside;
  switch (kind) {
    case 'join':
      if (outside.length === 0) return;
      for (const user of outside) members.set(user, 'member');
      log.group(id, joined('add', members.size, ...outside));
      break;
    case 'leave':
    case 'kick':
      if (first === undefined) return;
      for (const user of inside) members.delete(user);
      log.group(id, (kind === 'leave' ? left : kicked)(members.size, ...inside));
      break;
    case 'grant':
    case 'revoke':
      if (first === undefined) return;
      for (const user of inside) members.set(user, kind === 'grant' ? 'admin' : 'member');
      log.group(id, (kind === 'grant' ? adminGranted : adminRevoked)(...inside));
      break;
    case 'transfer': {
      if (first === undefined) return;
      const owner = [...members].find(([, role]) => role === 'owner')![0];
      members.set(owner, 'member').set(first, 'owner');
      log.group(id, transferred(owner, first));
      break;
    }
    case 'ban':
      if (first === undefined) return;
      // Ends of any order, in the past and in the future, and none.
      log.group(id, banned([undefined, 1e12 + who.length, 4e12 - who.length][who.length % 3], ...inside));
      break;
    case 'unban':
      log.group(id, unbanned(...who));
      break;
    case 'banAll':
      log.group(id, allBanned(who.length % 2 === 0 ? undefined : 4e12));
      break;
    case 'unbanAll':
      log.group(id, allUnbanned());
      break;
    case 'allow':
      if (first !== undefined) log.group(id, allowListed(...inside));
      break;
    case 'disallow':
      log.group(id, allowListRemoved(...who));
      break;
    case 'block': {
      const gone = inside;
      for (const user of gone) members.delete(user);
      log.group(id, ...(first === undefined ? [] : [kicked(members.size, ...gone)]), blocked(...inside, ...outside));
      break;
    }
    case 'unblock':
      log.group(id, unblocked(...who));
      break;
    case 'rename':
      log.group(id, infoChanged({ name: who.join('') }));
      break;
    case 'dismiss':
      log.group(id, dismissed());
      break;
    default:
      throw new Error(`no step for ${String(kind satisfies never)}`);
  }
}
