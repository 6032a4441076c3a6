import { setTimeout as delay } from 'node:timers/promises';
import { CohortClient } from '@cohort/client';
import { banCaller, groupCaller, httpCaller, syncCaller } from './callers';
import { lookWhileAway, type AwayReport } from './away';
import { checkpoint, type Seen, type Verdict } from './checkpoint';
import { Journal } from './journal';
import { Known } from './known';
import { eraseCaller, importCaller, pauseCaller } from './own-callers';
import {
  APP,
  BAN_GROUPS,
  BANNED_USERS,
  ERASED_GROUPS,
  HOT_GROUPS,
  kills,
  OPEN,
  PARTS,
  PROBED_GROUP,
  SERVICE,
  STAYING,
  SYNCED_GROUPS,
  type PartId,
} from './plan';
import { Processes } from './processes';
import { Random } from './random';
import { TIMEOUT_MS, type Surroundings } from './sending';
import { withoutEffect } from './tally';

export interface FaultsOptions {
  readonly seed: string;
  /** New rounds begin during this time, at least one; each round kills every process. */
  readonly minutes: number;
  /** Receives a line for each step of the run. */
  readonly log?: (line: string) => void;
  /** Keeps the data directory of a run that found something. */
  readonly keepData?: boolean;
}

export interface FaultsReport {
  readonly seed: string;
  readonly seconds: number;
  readonly kills: Readonly<Record<PartId, number>>;
  readonly counts: Journal['counts'];
  /** Answers to group commands over NATS, repeats included; HTTP calls; syncs. */
  readonly acknowledged: number;
  readonly events: number;
  readonly checkpoints: number;
  readonly lost: number;
  readonly doubled: number;
  readonly tally: Verdict['tally'];
  readonly ends: Verdict['ends'];
  /** The longest periods without any acknowledgement, in milliseconds, by the killed part. */
  readonly longestOutages: Readonly<Record<string, number>>;
  /** Milliseconds of the longest single attempt, by what was called. */
  readonly longestCalls: Readonly<Record<string, number>>;
  /** The answers that callers got while a part was down, by the part. */
  readonly away: Readonly<Record<string, AwayReport>>;
  readonly violations: readonly string[];
}

const GROUP_CALLERS = 6;
const SYNC_CALLERS = 2;
const HTTP_CALLERS = 2;
/** Between two looks at everything; they grow with the log. */
const CHECKPOINT_EVERY_MS = 5 * 60_000;

/** Kills each process in turn under load, restarts it, and compares the results with the answers that callers got. */
export async function runFaults({
  seed,
  minutes,
  log = () => undefined,
  keepData,
}: FaultsOptions): Promise<FaultsReport> {
  const random = new Random(seed);
  const journal = new Journal();
  const killed = Object.fromEntries(PARTS.map((id) => [id, 0])) as Record<PartId, number>;
  const start = performance.now();
  const processes = await Processes.start();
  const clients: CohortClient[] = [];
  let verdict: Verdict = { events: 0, lost: 0, doubled: 0, tally: {}, ends: {} };
  let checkpoints = 0;
  const away: Record<string, AwayReport> = {};
  let seen: Seen = { log: [], feed: [] };
  const history: string[] = [];
  log(`seed ${seed}: two of each app, up after ${elapsed(start)} s`);
  const spared = PARTS.filter((id) => !processes.killable.includes(id));
  if (spared.length > 0) log(`not killed, because they run already: ${spared.join(', ')}`);
  try {
    const connect = async () => {
      const client = await CohortClient.connect({ servers: processes.natsUrl, reconnectTimeWait: 100 });
      clients.push(client);
      return client;
    };
    const surroundings = {
      journal,
      clients: [await connect(), await connect()],
      gatewayUrl: processes.gatewayUrl,
    } as const satisfies Surroundings;
    const [client] = surroundings.clients;
    await makeGroups(client);
    const known = new Known((groupId) => joinCode(client, groupId));
    const callers = [
      ...named('caller', GROUP_CALLERS, (name) => groupCaller(name, random.named(name), known, surroundings)),
      ...named('sync', SYNC_CALLERS, (name) => syncCaller(name, random.named(name), surroundings)),
      banCaller('bans', random.named('bans'), surroundings),
      importCaller('import', random.named('import'), surroundings),
      pauseCaller('pause', random.named('pause'), surroundings),
      eraseCaller('erase', random.named('erase'), surroundings),
      ...named('http', HTTP_CALLERS, (name) => httpCaller(name, random.named(name), surroundings)),
    ];
    const goOn = () => {
      journal.resumed();
      for (const caller of callers) caller.goOn();
    };
    const lookAtEverything = async () => {
      await Promise.all(callers.map((caller) => caller.rest()));
      for (const line of processes.ended()) journal.violation(line);
      for (const id of await lookWhileAway(processes, surroundings, away)) killed[id] += 1;
      verdict = await checkpoint(processes, journal, client, seen);
      killed['query-1'] += 1;
      killed['query-2'] += 1;
      checkpoints += 1;
      const { counts, violations } = journal;
      log(
        `${elapsed(start)} s: ${sum(Object.values(killed))} kills, ${journal.acknowledged.length} answers to commands, ` +
          `${counts.http} HTTP calls, ${counts.syncs} syncs, ${verdict.events} events, ` +
          `${verdict.lost} lost, ${verdict.doubled} doubled, ${violations.length} violations`,
      );
    };

    goOn();
    let lastLook = performance.now();
    const begun = performance.now();
    for (const round of kills(random.named('kills'))) {
      for (const { afterMs, victims: chosen, downMs } of round) {
        const victims = chosen.filter((id) => processes.killable.includes(id));
        if (victims.length === 0) continue;
        await delay(afterMs);
        for (const line of processes.ended()) journal.violation(line);
        journal.killed(victims);
        await processes.kill(victims);
        history.push(`${new Date().toISOString()} ${victims.join(' and ')}`);
        for (const id of victims) killed[id] += 1;
        await delay(downMs);
        await journal.starting(processes.restart(victims));
      }
      const isOver = journal.violations.length > 0 || performance.now() - begun >= minutes * 60_000;
      if (!isOver && performance.now() - lastLook < CHECKPOINT_EVERY_MS) continue;
      // The last look reads everything once more, from the beginning.
      if (isOver) seen = { log: [], feed: [] };
      await lookAtEverything();
      if (isOver || journal.violations.length > 0) break;
      lastLook = performance.now();
      goOn();
    }
  } catch (error) {
    journal.violation(`the run could not continue: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await Promise.all(clients.map((client) => client.close().catch(() => undefined)));
    await processes.stop({ keepData: keepData === true && journal.violations.length > 0 });
  }
  for (const name of withoutEffect(verdict.tally)) journal.violation(`${name} never had an effect`);
  if (journal.violations.length > 0) log(`killed: ${history.join(', ')}`);
  if (keepData && journal.violations.length > 0) log(`the data are kept in ${processes.directory}`);
  const { counts } = journal;
  return {
    seed,
    seconds: elapsed(start),
    kills: killed,
    counts,
    acknowledged: journal.acknowledged.length + counts.http + counts.syncs + counts.bans + counts.erasures,
    events: verdict.events,
    checkpoints,
    lost: verdict.lost,
    doubled: verdict.doubled,
    tally: verdict.tally,
    ends: verdict.ends,
    longestOutages: journal.longestOutages,
    away,
    longestCalls: Object.fromEntries(journal.longest),
    violations: journal.violations,
  };
}

async function makeGroups(client: CohortClient): Promise<void> {
  const make = { app: APP, actor: SERVICE } as const;
  for (const groupId of HOT_GROUPS) {
    const members = [...STAYING];
    await client.command('create', { ...make, groupId, name: groupId, owner: STAYING[0], members, settings: OPEN });
  }
  for (const groupId of BAN_GROUPS) {
    await client.command('create', { ...make, groupId, name: groupId, owner: STAYING[0], members: [...BANNED_USERS] });
  }
  for (const groupId of [...SYNCED_GROUPS, ...ERASED_GROUPS, PROBED_GROUP]) {
    await client.command('create', { ...make, groupId, name: groupId, owner: STAYING[0] });
  }
}

/** A join code of the group; undefined if it has none, or the query nodes can't be asked. */
async function joinCode(client: CohortClient, groupId: string): Promise<string | undefined> {
  const answer = await client
    .query('joinCode', { app: APP, groupId }, { timeoutMs: TIMEOUT_MS })
    .catch(() => undefined);
  return answer?.code;
}

const named = <T>(kind: string, count: number, make: (name: string) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(`${kind}-${i}`));
const elapsed = (since: number): number => Math.round((performance.now() - since) / 1_000);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
