import { setTimeout as delay } from 'node:timers/promises';
import { CohortError } from '@cohort/contracts';
import { rongcloud } from '../support/rongcloud';
import { waitFor } from '../support/wait-for';
import type { Journal } from './journal';
import { APP, PROBED_GROUP, SERVICE, type PartId, type PlannedCommand } from './plan';
import type { Processes } from './processes';
import type { Surroundings } from './sending';

/** Duration of the calls while the dependency is down, in milliseconds. */
const AWAY_MS = 3_000;
/**
 * Time limit for a call, whether it is answered or rejected with `UNAVAILABLE`. Calls that are not rejected immediately run
 * into their own timeout.
 */
const BOUND_MS = 5_000;
const OWN_TIME_MS = 20_000;
/** A write over HTTP waits this long for query nodes whose lease hasn't ended yet. */
const VISIBILITY_MS = 2_000;
/** A call that was in flight at the kill may take its own timeout. */
const NOTICED_WITHIN_MS = OWN_TIME_MS + 10_000;
/** After the restart, all calls are answered again within this time, without help. */
const BACK_WITHIN_MS = 30_000;
const PAUSE_MS = 20;

const KINDS = ['command', 'query', 'HTTP write', 'HTTP read'] as const;
type Kind = (typeof KINDS)[number];
/** Over HTTP, `UNAVAILABLE` is RongCloud's code 1050. */
type Answer = 'answered' | 'UNAVAILABLE';

export interface AwayReport {
  /** The longest that a call of each kind took to be answered like this. */
  readonly calls: Readonly<Record<Kind, { readonly answer: Answer; readonly longestMs: number }>>;
  /** Until all calls were answered so, from the kill. */
  readonly noticedAfterMs: number;
  /** Until all calls were answered again, from when it was ready. */
  readonly backAfterMs: number;
}

interface Case {
  readonly what: string;
  readonly parts: readonly PartId[];
  readonly answers: Readonly<Record<Kind, Answer>>;
}

const NOTHING_GOES: Case['answers'] = {
  command: 'UNAVAILABLE',
  query: 'UNAVAILABLE',
  'HTTP write': 'UNAVAILABLE',
  'HTTP read': 'UNAVAILABLE',
};
const READS_GO: Case['answers'] = { ...NOTHING_GOES, query: 'answered', 'HTTP read': 'answered' };
const WRITES_GO: Case['answers'] = { ...NOTHING_GOES, command: 'answered', 'HTTP write': 'answered' };

const CASES: readonly Case[] = [
  { what: 'nats', parts: ['nats'], answers: NOTHING_GOES },
  { what: 'event-store', parts: ['event-store'], answers: READS_GO },
  { what: 'command', parts: ['command-1', 'command-2'], answers: READS_GO },
  { what: 'query', parts: ['query-1', 'query-2'], answers: WRITES_GO },
];

/**
 * Without other load, stops each dependency for a while. Meanwhile, calls that need it must fail immediately with
 * `UNAVAILABLE`, and other calls must succeed. After its restart, all calls must succeed again without help. Adds the
 * results to `reports`; returns the killed parts.
 */
export async function lookWhileAway(
  processes: Processes,
  surroundings: Surroundings,
  reports: Record<string, AwayReport>,
): Promise<PartId[]> {
  const { journal } = surroundings;
  const probes = probesOf(surroundings);
  const cases = CASES.filter(({ parts }) => parts.every((id) => processes.killable.includes(id)));
  for (const { what, parts, answers } of cases) {
    const expected = async () => {
      const met = await Promise.all(KINDS.map((kind) => probes[kind]()));
      return met.every((answer, i) => answer === answers[KINDS[i]!]);
    };
    await processes.kill(parts);
    const gone = performance.now();
    // A call that began before the loss was noticed may take its whole timeout.
    await waitFor(expected, { withinMs: NOTICED_WITHIN_MS });
    const noticedAfterMs = Math.round(performance.now() - gone);
    const until = performance.now() + AWAY_MS;
    const longest = await Promise.all(
      KINDS.map(async (kind) => {
        const bound = BOUND_MS + (kind === 'HTTP write' && answers[kind] === 'answered' ? VISIBILITY_MS : 0);
        let longestMs = reports[what]?.calls[kind].longestMs ?? 0;
        while (performance.now() < until) {
          const start = performance.now();
          const answer = await probes[kind]();
          const tookMs = Math.round(performance.now() - start);
          longestMs = Math.max(longestMs, tookMs);
          if (answer !== answers[kind]) journal.violation(`${what} down: ${kind} met ${answer}, not ${answers[kind]}`);
          if (tookMs > bound) journal.violation(`${what} down: ${kind} took ${tookMs} ms; its bound is ${bound} ms`);
          await delay(PAUSE_MS);
        }
        return [kind, { answer: answers[kind], longestMs }] as const;
      }),
    );
    await processes.restart(parts);
    const back = performance.now();
    const isBack = async () => {
      const met = await Promise.all(KINDS.map((kind) => probes[kind]()));
      return met.every((answer) => answer === 'answered');
    };
    await waitFor(isBack, { withinMs: BACK_WITHIN_MS });
    reports[what] = {
      calls: Object.fromEntries(longest) as AwayReport['calls'],
      noticedAfterMs: Math.max(reports[what]?.noticedAfterMs ?? 0, noticedAfterMs),
      backAfterMs: Math.max(reports[what]?.backAfterMs ?? 0, Math.round(performance.now() - back)),
    };
  }
  return cases.flatMap(({ parts }) => parts);
}

/** One call of each kind on a group of its own; resolves with how it was answered, in words. */
function probesOf({ journal, clients: [client], gatewayUrl }: Surroundings): Record<Kind, () => Promise<string>> {
  const http = async (path: string, fields: Readonly<Record<string, string>>): Promise<string> => {
    const { status, body } = await rongcloud(gatewayUrl, path, { groupId: PROBED_GROUP, ...fields });
    if (status === 200) return 'answered';
    return status === 504 && (body as { code?: unknown }).code === 1050 ? 'UNAVAILABLE' : JSON.stringify(body);
  };
  return {
    command: () => told(rename(journal, client)),
    query: () => told(client.query('group', { app: APP, groupId: PROBED_GROUP }, { timeoutMs: OWN_TIME_MS })),
    'HTTP write': () => http('/group/refresh.json', { groupName: nextName(journal) }),
    'HTTP read': () => http('/group/user/query.json', {}),
  };
}

/** A command that has something to write. */
async function rename(journal: Journal, client: Surroundings['clients'][0]): Promise<void> {
  const name = nextName(journal);
  const data = { app: APP, actor: SERVICE, groupId: PROBED_GROUP, commandId: name, name };
  const command: PlannedCommand = { name: 'changeInfo', data };
  const answer = await client.command('changeInfo', data, { timeoutMs: OWN_TIME_MS });
  journal.acknowledged.push({ command, answer });
}

const nextName = (journal: Journal): string => `${PROBED_GROUP} ${++journal.counts.probes}`;

async function told(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    if (error instanceof CohortError) return error.code;
    throw error;
  }
}
