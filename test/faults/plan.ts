import {
  GROUP_COMMANDS,
  OWNER_POLICIES,
  parseDto,
  type Actor,
  type CommandData,
  type GroupCommandName,
  type SyncedGroup,
} from '@cohort/contracts';
import { exampleOf } from '@cohort/group/testing';
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

const USERS = [...Array.from({ length: 38 }, (_, i) => `u${i}`), 'ü.*> 名', 'a b@example'];
/** After this many commands of a caller, other groups may be dismissed. */
const COMMANDS_PER_EPOCH = 120;
const GROUPS_PER_EPOCH = 8;

export type PlannedCommand = {
  readonly [N in GroupCommandName]: {
    readonly name: N;
    readonly data: CommandData<N> & { readonly groupId: string; readonly commandId: string };
  };
}[GroupCommandName];

export type Step =
  /** `twice`: the same message over two connections at the same time. */
  | { readonly kind: 'command'; readonly command: PlannedCommand; readonly twice: boolean }
  /** A command that was settled before is sent again. */
  | { readonly kind: 'repeat'; readonly command: PlannedCommand }
  /** Asks for the group with `after` the last acknowledged position. */
  | { readonly kind: 'read' };

export interface Paused<T> {
  readonly step: T;
  /** Milliseconds before the next one. */
  readonly pauseMs: number;
}

/** What a caller over NATS does, one thing after another, without end. */
export function* steps(random: Random, caller: string): Generator<Paused<Step>> {
  const recent: PlannedCommand[] = [];
  for (let n = 0; ;) {
    const pauseMs = random.between(0, 40);
    const kind = random.next();
    if (kind < 0.1 && recent.length > 0) {
      yield { step: { kind: 'repeat', command: random.pick(recent) }, pauseMs };
    } else if (kind < 0.2) {
      yield { step: { kind: 'read' }, pauseMs };
    } else {
      const command = commandOf(random, `${caller}-${n}`, Math.floor(n / COMMANDS_PER_EPOCH));
      n += 1;
      recent.push(command);
      if (recent.length > 20) recent.shift();
      yield { step: { kind: 'command', command, twice: random.chance(0.15) }, pauseMs };
    }
  }
}

/**
 * Commands of which the sample of their feature is sent. The others are planned below, or would end or stop the groups that
 * all callers share.
 */
const SAMPLED = (Object.keys(GROUP_COMMANDS) as GroupCommandName[]).filter(
  (name) =>
    !/^(create|createOrJoin|join|leave|leaveMany|addMembers|kick|transfer|changeInfo|dismiss|disable|.*[iI]mport.*)$/.test(
      name,
    ),
);
/** Share of commands that are samples. */
const SAMPLES = 0.35;

/** What a sample may concern: a user, or a thing of the group that has a number. */
const ORDINALS = ['1', '2', '3', '4'];
const isLegal = (name: GroupCommandName, id: string): boolean => {
  try {
    parseDto<object>(GROUP_COMMANDS[name].dto, exampleOf(name, id).data);
    return true;
  } catch {
    return false;
  }
};
const idsFor = (name: GroupCommandName): readonly string[] => (isLegal(name, USERS[0]!) ? USERS : ORDINALS);

/** The sample of a command. */
function sampleOf(random: Random, to: object, actor: Actor): PlannedCommand {
  const name = random.pick(SAMPLED);
  const { data } = exampleOf(name, random.pick(idsFor(name)));
  // Bans end while processes die.
  const duration = name === 'ban' || name === 'banAll' ? { durationMs: random.between(100, 5_000) } : {};
  return { name, data: { ...data, ...duration, ...to, actor } } as PlannedCommand;
}

function commandOf(random: Random, commandId: string, epoch: number): PlannedCommand {
  const isHot = random.chance(0.4);
  const groupId = isHot ? random.pick(HOT_GROUPS) : `g${epoch}-${random.between(0, GROUPS_PER_EPOCH - 1)}`;
  const userId = random.pick(USERS);
  const actorOf = (id: string): Actor => (random.chance(0.3) ? { type: 'user', id } : SERVICE);
  const to = { app: APP, groupId, commandId };
  if (random.chance(SAMPLES)) return sampleOf(random, to, actorOf(userId));
  const kind = random.next();
  if (kind < 0.12 && !isHot) {
    const members = random.some(USERS, random.between(0, 10));
    return { name: 'create', data: { ...to, actor: SERVICE, name: groupId, owner: userId, members, capacity: 60 } };
  }
  if (kind < 0.14 && !isHot) return { name: 'dismiss', data: { ...to, actor: actorOf(userId) } };
  if (kind < 0.4) return { name: 'join', data: { ...to, actor: actorOf(userId), userId } };
  if (kind < 0.55) {
    const ownerPolicy = random.pick(isHot ? (['refuse', 'oldestAdmin', 'oldestMember'] as const) : OWNER_POLICIES);
    return { name: 'leave', data: { ...to, actor: SERVICE, userId, ownerPolicy } };
  }
  const userIds = random.some(USERS, random.between(1, 5));
  if (kind < 0.68) return { name: 'addMembers', data: { ...to, actor: actorOf(userId), userIds } };
  if (kind < 0.8) return { name: 'kick', data: { ...to, actor: actorOf(userId), userIds } };
  if (kind < 0.9) {
    const newOwner = isHot && random.chance(0.5) ? random.pick(STAYING) : userId;
    return { name: 'transfer', data: { ...to, actor: actorOf(random.pick(USERS)), newOwner } };
  }
  if (kind < 0.95) return { name: 'createOrJoin', data: { ...to, actor: SERVICE, userIds } };
  return { name: 'changeInfo', data: { ...to, actor: actorOf(userId), name: `${groupId} by ${commandId}` } };
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
