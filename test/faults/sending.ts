import { setTimeout as delay } from 'node:timers/promises';
import type { CohortClient } from '@cohort/client';
import { CohortError, ERRORS, type ErrorCode, type ErrorKind, type GroupCommandAnswer } from '@cohort/contracts';
import { rongcloud } from '../support/rongcloud';
import type { Journal } from './journal';
import type { PlannedCommand } from './plan';
import { keyOf } from './replay';

/** Timeout of a call over NATS, in milliseconds. */
export const TIMEOUT_MS = 3_000;
/** A busy machine may exceed a bound by this, in milliseconds. A call that ignores its 3 s takes 10 s, or never ends. */
export const SLACK_MS = 5_000;
/** The gateway's own bounds: 10 s for a command and 2 s until it is visible; a sync waits 12 s in between. */
const HTTP_BOUND_MS = 12_000 + SLACK_MS;
const HTTP_SYNC_BOUND_MS = 24_000 + SLACK_MS;
const RETRY_AFTER_MS = 50;

/** These codes don't reject the command; it is sent again. */
const NOT_NOW: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'OVERLOADED', 'DEADLINE_EXCEEDED', 'OUTCOME_UNKNOWN']);
/** Refusals by the rules of a group. Any other code is a violation. */
const REFUSALS: ReadonlySet<ErrorKind> = new Set(['forbidden', 'notFound', 'gone', 'conflict']);

export interface Surroundings {
  readonly journal: Journal;
  readonly clients: readonly [CohortClient, CohortClient];
  readonly gatewayUrl: string;
}

/** Repeats a call over NATS until it is answered or rejected. */
export async function untilAnswered<A>(
  journal: Journal,
  what: string,
  call: (timeoutMs: number) => Promise<A>,
): Promise<A> {
  for (;;) {
    try {
      const answer = await journal.timed(what, TIMEOUT_MS + SLACK_MS, call(TIMEOUT_MS));
      journal.alive();
      return answer;
    } catch (error) {
      if (!(error instanceof CohortError) || !NOT_NOW.has(error.code)) throw error;
      journal.counts.failedAttempts += 1;
      await delay(RETRY_AFTER_MS);
    }
  }
}

/** Sends a command on a group until it is answered or rejected, and notes that; undefined if it was rejected. */
export async function send(
  { journal }: Surroundings,
  command: PlannedCommand,
  client: CohortClient,
): Promise<GroupCommandAnswer | undefined> {
  const { name, data } = command;
  const start = performance.now();
  try {
    const answer = await untilAnswered(journal, 'command', (timeoutMs) => client.command(name, data, { timeoutMs }));
    journal.acknowledged.push({ command, answer });
    return answer;
  } catch (error) {
    if (!(error instanceof CohortError)) throw error;
    journal.alive();
    if (!REFUSALS.has(ERRORS[error.code].kind)) {
      journal.violation(`${name} ${data.commandId}: ${error.code} ${error.message}`);
    }
    // The client sends a command again that isn't answered in this time.
    const inDoubt =
      performance.now() - start >= TIMEOUT_MS / 3 || journal.refused.get(keyOf(command))?.inDoubt === true;
    journal.refused.set(keyOf(command), { name, code: error.code, inDoubt });
    return undefined;
  }
}

/**
 * Repeats the call until it succeeds. `inDoubt`: an earlier attempt may have been carried out, or may be carried out later.
 */
export async function untilDone(
  { journal, gatewayUrl }: Surroundings,
  path: string,
  fields: Readonly<Record<string, string | readonly string[]>>,
): Promise<{ inDoubt: boolean }> {
  const isSync = path === '/group/sync.json';
  for (let inDoubt = false; ; inDoubt = true) {
    const call = rongcloud(gatewayUrl, path, fields).catch(() => undefined);
    const what = isSync ? 'HTTP sync' : 'HTTP call';
    const answer = await journal.timed(what, isSync ? HTTP_SYNC_BOUND_MS : HTTP_BOUND_MS, call);
    if (answer?.status === 200) {
      journal.alive();
      return { inDoubt };
    }
    journal.counts.failedAttempts += 1;
    // 504: a part behind the gateway is down (1050); 429: too many calls in flight (1008); 503: the gateway itself is starting.
    // Without an answer, it is down.
    if (answer !== undefined && ![504, 429, 503].includes(answer.status)) {
      throw new Error(`${path} ${JSON.stringify(fields)}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    await delay(RETRY_AFTER_MS);
  }
}
