import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CohortClient } from '@cohort/client';
import {
  checkpointStream,
  comparePositions,
  FEED_STREAM,
  GROUP_STREAM_PREFIX,
  groupStream,
  metadataStream,
  START,
  upcast,
  USER_BAN_STREAM_PREFIX,
  USER_KEY_STREAM_PREFIX,
  USER_NUMBER_STREAM_PREFIX,
  USER_STREAM_PREFIX,
  type Position,
} from '@cohort/contracts';
import { connectEventStore, readOne, type EventStore, type StoredEvent } from '@cohort/event-store';
import type { GroupState } from '@cohort/group';
import { membersOf } from '@cohort/group/testing';
import { ReadModel } from '@cohort/read-model';
import { connect, type NatsConnection } from 'nats';
import { lastFed } from '../support/feed';
import { waitFor } from '../support/wait-for';
import type { Journal } from './journal';
import { APP } from './plan';
import type { Processes } from './processes';
import { bansInAllGroupsWrong } from './bans';
import { endsOf } from './ends';
import { erasedWrong } from './erased';
import { numbersWrong } from './numbers';
import { replay } from './replay';
import { tallyOf, type Tally } from './tally';

/** Time limit for all pending work once the load has ended, in milliseconds. */
const REST_WITHIN_MS = 90_000;
/** Time limit for the announcement of an end, once all processes run. A second would do on a machine that isn't busy. */
const ANNOUNCED_WITHIN_MS = 15_000;
/** The streams that query nodes follow, but for the metadata of others: those of keys tell which keys are erased. */
const OURS = [
  GROUP_STREAM_PREFIX,
  USER_STREAM_PREFIX,
  USER_BAN_STREAM_PREFIX,
  USER_KEY_STREAM_PREFIX,
  USER_NUMBER_STREAM_PREFIX,
  metadataStream(USER_KEY_STREAM_PREFIX),
];
/** The duties of the worker that write to streams, and the streams that each follows. */
const DUTIES: Readonly<Record<string, readonly string[]>> = {
  userSync: [GROUP_STREAM_PREFIX, USER_STREAM_PREFIX],
  userNumbers: [GROUP_STREAM_PREFIX],
  banEverywhere: [USER_BAN_STREAM_PREFIX],
};
/** Whether an event is of this run: the event store may have others. */
const isOurs = ({ stream }: Pick<StoredEvent, 'stream'>): boolean =>
  OURS.some((prefix) => stream.startsWith(`${prefix}${APP}/`));
const QUERY_NODES = ['query-1', 'query-2'] as const;
const SHOWN = 10;

export interface Verdict {
  readonly events: number;
  readonly lost: number;
  readonly doubled: number;
  /** How the commands on groups ended. */
  readonly tally: Tally;
  /** Ends that were announced, by the type of the event. */
  readonly ends: Readonly<Record<string, number>>;
}

/** The log and the feed as far as they were read; each check reads only what is new. */
export interface Seen {
  readonly log: StoredEvent[];
  readonly feed: Fed[];
}

/**
 * Without load, waits until all work is done. Then compares the log, the feed and the read models with each other and with
 * the answers that callers got. Kills the query nodes first, because their files are compared.
 */
export async function checkpoint(
  processes: Processes,
  journal: Journal,
  client: CohortClient,
  { log, feed }: Seen,
): Promise<Verdict> {
  const connection = await connect({ servers: processes.natsUrl });
  const store = await connectEventStore({ url: processes.eventStoreUrl });
  try {
    const restsSince = Date.now();
    await waitForSyncs(journal, client);
    await waitForBans(journal, client);
    const forgotten = await waitForEnds(store, log, restsSince);
    await waitForRest(store, connection, client, log);
    const found = replay(log.filter(isOurs), journal);
    const report = (what: string, list: readonly string[]) => {
      for (const one of list.slice(0, SHOWN)) journal.violation(`${what}: ${one}`);
      if (list.length > SHOWN) journal.violation(`${what}: ${list.length - SHOWN} more`);
    };
    report('lost', found.lost);
    report('doubled', found.doubled);
    report('rule', found.broken);
    report('number', numbersWrong(log.filter(isOurs)));
    const ends = endsOf(log.filter(isOurs));
    report('end', [...ends.wrong, ...forgotten]);
    report('ban', bansInAllGroupsWrong(found.groups, journal));
    report('erased', await erasedWrong(found.groups, journal, store));
    const uncalled = callsLost(found.groups, journal);
    report('lost', uncalled);
    await readFeed(connection, feed);
    const strayed = differences(
      found.groupEventIds,
      feed.filter(({ app }) => app === APP).map(({ id }) => id),
    );
    report('feed', strayed.length === 0 ? [] : [...strayed, await feedEvidence(connection, log, feed)]);

    await processes.kill(QUERY_NODES);
    const rebuilt = await rebuild(log, store.storeId, join(processes.directory, 'rebuilt.db'));
    report('rebuild', tablesAgainstGroups(rebuilt, found.groups));
    for (const node of QUERY_NODES) {
      const model = ReadModel.open({ file: processes.readModelFile(node), store: store.storeId });
      try {
        report(`read model of ${node}`, differences(rebuilt, dumpOf(model)));
      } finally {
        model.close();
      }
    }
    await processes.restart(QUERY_NODES);
    return {
      events: found.groupEventIds.length,
      lost: found.lost.length + uncalled.length,
      doubled: found.doubled.length,
      tally: tallyOf(journal, found.writers),
      ends: ends.announced,
    };
  } finally {
    await store.close();
    await connection.close();
  }
}

async function waitForSyncs(journal: Journal, client: CohortClient): Promise<void> {
  const synced = [...journal.synced].map(([userId, { sync }]) => [userId, sync] as const);
  for (const [userId, sync] of [...synced, ...journal.erased]) {
    if (sync === undefined) continue;
    await waitFor(
      async () =>
        (await client.query('userSync', { app: APP, userId, sync, waitMs: 5_000 }, { timeoutMs: 6_000 })).completed,
      { withinMs: REST_WITHIN_MS },
    );
  }
}

async function waitForBans(journal: Journal, client: CohortClient): Promise<void> {
  for (const [userId, { request }] of journal.banned) {
    const question = { app: APP, userId, request, waitMs: 5_000 };
    await waitFor(async () => (await client.query('banEverywhere', question, { timeoutMs: 6_000 })).completed, {
      withinMs: REST_WITHIN_MS,
    });
  }
}

/** Waits until everything that had ended at this time is announced; returns what isn't. */
async function waitForEnds(store: EventStore, log: StoredEvent[], at: number): Promise<readonly string[]> {
  const until = performance.now() + ANNOUNCED_WITHIN_MS;
  for (;;) {
    await readLog(store, log);
    const forgotten = endsOf(log.filter(isOurs)).forgotten(at);
    if (forgotten.length === 0 || performance.now() > until) return forgotten;
    await delay(100);
  }
}

/**
 * Waits until both query nodes and the feed have reached the end of the log, the worker has finished its work, and the log
 * hasn't grown.
 */
async function waitForRest(
  store: EventStore,
  connection: NatsConnection,
  client: CohortClient,
  log: StoredEvent[],
): Promise<void> {
  const manager = await connection.jetstreamManager();
  let applied = new Map<string, Position>();
  const ended = client.onQueryNodeApplied(({ node, position }) => void applied.set(node, position));
  const newest = (prefixes: readonly string[]): Position => {
    for (let i = log.length - 1; i >= 0; i--) {
      if (prefixes.some((prefix) => log[i]!.stream.startsWith(prefix))) return log[i]!.position;
    }
    return START;
  };
  try {
    await waitFor(
      async () => {
        await readLog(store, log);
        const head = newest(OURS);
        applied = new Map();
        await waitFor(() => [...applied.values()].filter((at) => comparePositions(at, head) >= 0).length >= 2, {
          withinMs: REST_WITHIN_MS,
        });
        await waitFor(
          async () => {
            const last = await lastFed(manager);
            return last?.header.get('ce-position') === newest([GROUP_STREAM_PREFIX]);
          },
          { withinMs: REST_WITHIN_MS },
        );
        // The worker may still have to process the effects of a sync, or new members.
        for (const [duty, prefixes] of Object.entries(DUTIES)) {
          await waitFor(async () => comparePositions(await dutyDone(store, duty), newest(prefixes)) >= 0, {
            withinMs: REST_WITHIN_MS,
            everyMs: 100,
          });
        }
        await readLog(store, log);
        return newest(OURS) === head;
      },
      { withinMs: REST_WITHIN_MS },
    );
  } finally {
    ended();
  }
}

/** The position up to which the worker has finished a duty, from its checkpoint. */
async function dutyDone(store: EventStore, duty: string): Promise<Position> {
  const last = await readOne(store, checkpointStream(duty), { backwards: true });
  return (last?.data as { position: Position } | undefined)?.position ?? START;
}

/** Adds what the log has after this. */
async function readLog(store: EventStore, log: StoredEvent[]): Promise<void> {
  const end = new AbortController();
  await store.follow({
    from: log.at(-1)?.position ?? START,
    prefixes: OURS,
    onDropped: () => undefined,
    onBatch: (events) => {
      for (const event of events) log.push(upcast(event));
      return Promise.resolve();
    },
    onCaughtUp: () => end.abort(),
    signal: end.signal,
  });
}

interface Fed {
  readonly app: string | undefined;
  readonly id: string;
  readonly sequence: number;
  readonly storedAt: Date;
}

/** Adds the feed's events after this, in its order. */
async function readFeed(connection: NatsConnection, feed: Fed[]): Promise<void> {
  const manager = await connection.jetstreamManager();
  const { state } = await manager.streams.info(FEED_STREAM);
  const from = (feed.at(-1)?.sequence ?? 0) + 1;
  if (state.last_seq < from) return;
  const consumer = await connection.jetstream().consumers.get(FEED_STREAM, { opt_start_seq: from });
  for await (const message of await consumer.consume({ max_messages: 1_000 })) {
    const { timestampNanos, pending } = message.info;
    const storedAt = new Date(timestampNanos / 1_000_000);
    const app = message.headers?.get('ce-source').replace('/cohort/apps/', '');
    feed.push({ app, id: message.headers?.get('ce-id') ?? '', sequence: message.seq, storedAt });
    if (pending === 0) break;
  }
}

/** Where and when the feed first differs from the log, to be compared with the times of the kills. */
async function feedEvidence(connection: NatsConnection, log: readonly StoredEvent[], feed: readonly Fed[]) {
  const events = log.filter((event) => isOurs(event) && event.stream.startsWith(GROUP_STREAM_PREFIX));
  const fedOurs = feed.filter(({ app }) => app === APP);
  const at = events.findIndex(({ id }, i) => fedOurs[i]?.id !== id);
  const say = (fed?: Fed) => (fed ? `${fed.id} at ${fed.sequence}, stored ${fed.storedAt.toISOString()}` : 'nothing');
  const { state } = await (await connection.jetstreamManager()).streams.info(FEED_STREAM);
  const event = events[at];
  const place = event ? `${event.stream}@${event.revision}, written ${event.created.toISOString()}` : 'after the end';
  return `first difference at ${place}; the feed has ${say(fedOurs[at - 1])}, then ${say(fedOurs[at])}; ${fedOurs.length} read of ${JSON.stringify(state)}`;
}

/** What is in one list and not in the other, or in another place. */
function differences(wanted: readonly string[], actual: readonly string[]): string[] {
  const length = Math.max(wanted.length, actual.length);
  const first = Array.from({ length }, (_, i) => i).find((i) => wanted[i] !== actual[i]);
  if (first === undefined) return [];
  const count = `${wanted.length} wanted, ${actual.length} there`;
  return [`${count}; at ${first} it is ${actual[first] ?? 'over'} in place of ${wanted[first] ?? 'the end'}`];
}

async function rebuild(log: readonly StoredEvent[], store: string, file: string): Promise<string[]> {
  ReadModel.delete(file);
  const model = ReadModel.open({ file, store });
  try {
    await model.applyBatch(log, log.at(-1)?.position ?? START);
    return dumpOf(model);
  } finally {
    model.close();
  }
}

/** All but how far the log was seen: beyond the last event of ours, that depends on who looked when. */
const dumpOf = (model: ReadModel): string[] => [...model.dump()].filter((row) => !row.startsWith('meta '));

/** Holds the tables' rows against the groups that the domain makes of the same log. */
function tablesAgainstGroups(rows: readonly string[], groups: ReadonlyMap<string, GroupState>): string[] {
  const table = <T>(name: string): T[] =>
    rows.filter((row) => row.startsWith(`${name} `)).map((row) => JSON.parse(row.slice(name.length + 1)) as T);
  const roles = ['member', 'admin', 'owner'];
  const members = new Map<number, string[]>();
  for (const { gid, user, role } of table<{ gid: number; user: string; role: number }>('members')) {
    const list = members.get(gid) ?? [];
    list.push(`${user} ${roles[role]}`);
    members.set(gid, list);
  }
  const wrong: string[] = table<{ position: string; stream: string; error: string }>('failed_events')
    .filter(isOurs)
    .map(({ position, error }) => `the event at ${position} could not be applied: ${error}`);
  const stored = table<GroupsRow>('groups').filter(({ app }) => app === APP);
  if (stored.length !== groups.size) wrong.push(`${stored.length} rows of ${groups.size} groups`);
  for (const { gid, app, id, owner, live, member_count } of stored) {
    const state = groups.get(groupStream(app, id));
    const there = (members.get(gid) ?? []).sort();
    if (member_count !== there.length) wrong.push(`${id}: counts ${member_count} of ${there.length} members`);
    if (live !== liveOf(state)) wrong.push(`${id} is ${state?.status}, its row says live=${live}`);
    if (state?.status !== 'live') continue;
    const wanted = membersOf(state)
      .map(({ userId, role }) => `${userId} ${role}`)
      .sort();
    if (owner !== state.roles.owner) wrong.push(`${id}: owner ${owner} in place of ${state.roles.owner}`);
    wrong.push(...differences(wanted, there).map((difference) => `${id}: ${difference}`));
  }
  return wrong;
}

/** What the column "live" has for a group. */
function liveOf(state: GroupState | undefined): number {
  if (state?.status !== 'live') return 0;
  return state.imports.status === 'running' ? 3 : 1;
}

interface GroupsRow {
  readonly gid: number;
  readonly app: string;
  readonly id: string;
  readonly owner: string;
  readonly live: number;
  readonly member_count: number;
}

/** What HTTP callers and syncs were promised, and isn't so. */
function callsLost(groups: ReadonlyMap<string, GroupState>, journal: Journal): string[] {
  const lost: string[] = [];
  for (const [groupId, { path, after }] of journal.http) {
    const state = groups.get(groupStream(APP, groupId));
    const actual =
      state?.status === 'live' ? [state.info.name, ...[...state.membership.members.keys()].sort()] : [state?.status];
    const wanted = after.live ? [after.name, ...[...after.members].sort()] : ['dismissed'];
    if (actual.join('\n') !== wanted.join('\n')) {
      lost.push(`${path} of ${groupId}: ${actual.join(' ')} in place of ${wanted.join(' ')}`);
    }
  }
  const groupsOf = new Map<string, string[]>([...journal.synced.keys()].map((userId) => [userId, []]));
  for (const [stream, state] of groups) {
    if (state.status !== 'live') continue;
    for (const userId of state.membership.members.keys()) groupsOf.get(userId)?.push(stream);
  }
  for (const [userId, { groups: list }] of journal.synced) {
    const wanted = list.map(({ groupId }) => groupStream(APP, groupId)).sort();
    const actual = groupsOf.get(userId)!.sort();
    if (actual.join('\n') !== wanted.join('\n')) {
      lost.push(`the sync of ${userId}: in ${actual.join(' ')} in place of ${wanted.join(' ')}`);
    }
  }
  return lost;
}
