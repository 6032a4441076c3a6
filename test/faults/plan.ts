import type { Actor, CommandData, GroupCommandName, SyncedGroup } from '@cohort/contracts';
import { fresh } from '../support/fresh';
import { isAvailable } from '../support/servers';
import type { Random } from './random';

/** What a run does is a function of its seed: the order and the pauses of kills, and what each caller sends. */

export const PARTS = [
  'command-1',
  'command-2',
  'query-1',
  'query-2',
  'worker-1',
  'worker-2',
  'gateway',
  'nats',
  'event-store',
] as const;
export type PartId = (typeof PARTS)[number];

/** One or two processes are killed in the same moment. */
export interface Kill {
  /** Milliseconds since everything was up again. */
  readonly afterMs: number;
  readonly victims: readonly PartId[];
  /** Milliseconds until they are started again. */
  readonly downMs: number;
}

/** Share of kills that take another process with them. */
const TWO_AT_ONCE = 0.2;

/** Rounds without end; in each, every process is killed, in any order. */
export function* kills(random: Random): Generator<readonly Kill[]> {
  for (;;) {
    yield random.shuffled(PARTS).map((first) => {
      const second = random.chance(TWO_AT_ONCE) ? random.pick(PARTS) : first;
      return {
        afterMs: random.between(100, 1_200),
        victims: [...new Set([first, second])],
        downMs: random.chance(0.5) ? 0 : random.between(100, 1_500),
      };
    });
  }
}

/** In an event store that others use, a tenant of this run. */
export const APP = isAvailable('own event store') ? 'demo' : fresh('faults');
export const SERVICE: Actor = { type: 'service' };

/** Groups that all callers change all the time, and that never end: these members are left alone. */
export const HOT_GROUPS = ['hot-0', 'hot-1'] as const;
export const STAYING = ['stays-0', 'stays-1', 'stays-2'] as const;
/** A group that is called while a part is down. */
export const PROBED_GROUP = 'probed';
/** Groups that only syncs change; their owner stays. */
export const SYNCED_GROUPS = Array.from({ length: 8 }, (_, i) => `synced-${i}`);

/** Groups that nobody changes but for bans; their owner stays. */
export const BAN_GROUPS = Array.from({ length: 6 }, (_, i) => `bans-${i}`);
/** Members of these groups, who are banned and unbanned in all of them. */
export const BANNED_USERS = Array.from({ length: 4 }, (_, i) => `banned-${i}`);

export const USERS = [...Array.from({ length: 38 }, (_, i) => `u${i}`), 'ü.*> 名', 'a b@example'];
/** Applications and invitations run out while processes die, as bans do. */
export const LIMITS_OF_TENANT = { applicationMs: 6_000, invitationMs: 6_000 } as const;
/** Users join hot groups themselves, at first. */
export const OPEN = { visibility: 'public', joinPolicy: 'open' } as const;

/** Groups that only users who are erased join; their owner stays. */
export const ERASED_GROUPS = ['erased-0', 'erased-1'] as const;

export type PlannedCommand = {
  readonly [N in GroupCommandName]: {
    readonly name: N;
    readonly data: CommandData<N> & { readonly groupId: string; readonly commandId: string };
  };
}[GroupCommandName];

export interface Paused<T> {
  readonly step: T;
  /** Milliseconds before the next one. */
  readonly pauseMs: number;
}

/** A sync of a user, over NATS with a command id or over HTTP without. */
export interface SyncStep {
  readonly over: 'nats' | 'http';
  readonly commandId: string;
  readonly groups: readonly SyncedGroup[];
}

export function* syncSteps(random: Random, caller: string): Generator<Paused<SyncStep>> {
  for (let n = 0; ; n++) {
    const groups = random
      .some(SYNCED_GROUPS, random.between(0, SYNCED_GROUPS.length))
      .map((groupId) => ({ groupId, name: groupId }));
    const over = random.chance(0.3) ? 'http' : 'nats';
    yield { step: { over, commandId: `${caller}-${n}`, groups }, pauseMs: random.between(0, 400) };
  }
}

/** A request to ban a user in all their groups, or to lift that. */
export interface BanStep {
  readonly kind: 'ban' | 'unban';
  readonly commandId: string;
  readonly userId: string;
}

export function* banSteps(random: Random, caller: string): Generator<Paused<BanStep>> {
  for (let n = 0; ; n++) {
    const kind = random.chance(0.5) ? 'ban' : 'unban';
    yield {
      step: { kind, commandId: `${caller}-${n}`, userId: random.pick(BANNED_USERS) },
      pauseMs: random.between(0, 600),
    };
  }
}

/** A call of RongCloud's API on a group that no other caller uses, and the members of the group after it. */
export interface HttpStep {
  readonly path: string;
  readonly groupId: string;
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly after: { readonly live: boolean; readonly members: readonly string[]; readonly name: string };
}

/** Groups that are made, joined, left, renamed and, some of them, dismissed. */
export function* httpSteps(random: Random, caller: string): Generator<Paused<HttpStep>> {
  for (let n = 0; ; n++) {
    const groupId = `${caller}-${n}`;
    const users = random.some(USERS, random.between(2, 6));
    const joining = random.some(
      USERS.filter((user) => !users.includes(user)),
      random.between(1, 3),
    );
    const leaving = random.pick(users);
    const both = [...users, ...joining];
    const left = both.filter((user) => user !== leaving);
    const step = (path: string, fields: HttpStep['fields'], members: readonly string[], name: string, live = true) => ({
      step: { path, groupId, fields: { groupId, ...fields }, after: { live, members, name } },
      pauseMs: random.between(0, 60),
    });
    yield step('/group/create.json', { groupName: groupId, userId: users }, users, groupId);
    yield step('/group/join.json', { userId: joining }, both, groupId);
    yield step('/group/quit.json', { userId: leaving }, left, groupId);
    yield step('/group/refresh.json', { groupName: `${groupId}!` }, left, `${groupId}!`);
    if (random.chance(0.5)) yield step('/group/dismiss.json', { userId: 'anyone' }, [], '', false);
  }
}
