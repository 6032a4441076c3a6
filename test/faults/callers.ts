import { setTimeout as delay } from 'node:timers/promises';
import type { CohortClient } from '@cohort/client';
import { CohortError, ERRORS, type CommandData, type ErrorCode, type ErrorKind } from '@cohort/contracts';
import { rongcloud } from '../support/rongcloud';
import type { Journal } from './journal';
import { APP, banSteps, httpSteps, SERVICE, steps, syncSteps, type Paused, type PlannedCommand } from './plan';
import type { Random } from './random';
import { keyOf } from './replay';

/** Timeout of a call over NATS, in milliseconds. */
export const TIMEOUT_MS = 3_000;
/** A busy machine may exceed a bound by this, in milliseconds. A call that ignores its 3 s takes 10 s, or never ends. */
const SLACK_MS = 5_000;
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

/** Takes one step after another until `rest`, which waits for the step in progress. */
export class Caller<T> {
  private resting = true;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly plan: Iterator<Paused<T>>,
    private readonly take: (step: T) => Promise<void>,
    private readonly journal: Journal,
  ) {}

  goOn(): void {
    this.resting = false;
    this.running = this.run();
  }

  async rest(): Promise<void> {
    this.resting = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.resting) {
      const next = this.plan.next();
      if (next.done) return;
      try {
        await this.take(next.value.step);
      } catch (error) {
        this.journal.violation(`a caller met what no caller should: ${String(error)}`);
      }
      await delay(next.value.pauseMs);
    }
  }
}

/** Random commands on groups that others change too; some are sent twice at the same time, or again later. */
export function groupCaller(name: string, random: Random, { journal, clients }: Surroundings) {
  let last: { groupId: string; revision: string; position: string } | undefined;
  const send = async (command: PlannedCommand, client: CohortClient): Promise<boolean> => {
    const { commandId } = command.data;
    for (;;) {
      try {
        const attempt = client.command(command.name, command.data, { timeoutMs: TIMEOUT_MS });
        const answer = await journal.timed('command', TIMEOUT_MS + SLACK_MS, attempt);
        journal.alive();
        journal.acknowledged.push({ command, answer });
        last = answer;
        return true;
      } catch (error) {
        if (!(error instanceof CohortError)) throw error;
        if (NOT_NOW.has(error.code)) {
          journal.counts.failedAttempts += 1;
          await delay(RETRY_AFTER_MS);
          continue;
        }
        journal.alive();
        if (!REFUSALS.has(ERRORS[error.code].kind))
          journal.violation(`${command.name} ${commandId}: ${error.code} ${error.message}`);
        journal.refused.set(keyOf(command), error.code);
        return false;
      }
    }
  };
  const read = async (): Promise<void> => {
    if (!last) return;
    const { groupId, revision, position } = last;
    try {
      const question = clients[0].query('group', { app: APP, groupId, after: position }, { timeoutMs: TIMEOUT_MS });
      const group = await journal.timed('query', TIMEOUT_MS + SLACK_MS, question);
      journal.counts.reads += 1;
      if (Number(group.revision) < Number(revision)) {
        journal.violation(`group ${groupId} was read at ${group.revision} after its revision ${revision}`);
      }
    } catch (error) {
      if (!(error instanceof CohortError)) throw error;
      if (error.code === 'UNAVAILABLE' || error.code === 'READ_MODEL_BEHIND') journal.counts.failedAttempts += 1;
      else journal.violation(`group ${groupId}: ${error.code} ${error.message}`);
    }
  };
  return new Caller(
    steps(random, name),
    async (step) => {
      switch (step.kind) {
        case 'read':
          return read();
        case 'repeat':
          await send(step.command, random.pick(clients));
          journal.counts.repeats += 1;
          return;
        case 'command': {
          const answered = await Promise.all(
            (step.twice ? clients : [clients[0]]).map((client) => send(step.command, client)),
          );
          journal.counts.repeats += answered.length - 1;
          journal.counts[answered.includes(true) ? 'commands' : 'refused'] += 1;
          return;
        }
        default:
          throw new Error(`no case for ${JSON.stringify(step satisfies never)}`);
      }
    },
    journal,
  );
}

/**
 * Repeats the call until it succeeds. `inDoubt`: an earlier attempt may have been carried out, or may be carried out later.
 */
async function untilDone(
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

/**
 * Calls over HTTP on groups that no other caller uses. They carry no command id, so a call whose answer was lost may be
 * carried out a second time later. After such a call, its group isn't changed any more, and the requested state must remain.
 */
export function httpCaller(name: string, random: Random, surroundings: Surroundings) {
  const { journal } = surroundings;
  let leftAsItIs = '';
  return new Caller(
    httpSteps(random, name),
    async (step) => {
      if (step.groupId === leftAsItIs) return;
      const { inDoubt } = await untilDone(surroundings, step.path, step.fields);
      journal.http.set(step.groupId, step);
      journal.counts.http += 1;
      if (inDoubt) leftAsItIs = step.groupId;
    },
    journal,
  );
}

/** Syncs one user, and changes to the next one after a sync without a command id was in doubt. */
export function syncCaller(name: string, random: Random, surroundings: Surroundings) {
  const { journal, clients } = surroundings;
  let user = 0;
  return new Caller(
    syncSteps(random, name),
    async ({ over, commandId, groups }) => {
      const userId = `${name}.${user}`;
      if (over === 'http') {
        const lists = Object.fromEntries(groups.map((group) => [`group[${group.groupId}]`, group.name]));
        const { inDoubt } = await untilDone(surroundings, '/group/sync.json', { userId, ...lists });
        journal.synced.set(userId, { groups });
        if (inDoubt) user += 1;
      } else {
        const data = { app: APP, actor: SERVICE, commandId, userId, groups: [...groups] };
        journal.synced.set(userId, { groups, sync: await sync(data) });
      }
      journal.counts.syncs += 1;
    },
    journal,
  );

  async function sync(data: CommandData<'syncUser'>): Promise<number> {
    for (;;) {
      try {
        const attempt = clients[1].command('syncUser', data, { timeoutMs: TIMEOUT_MS });
        const answer = await journal.timed('sync', TIMEOUT_MS + SLACK_MS, attempt);
        journal.alive();
        return answer.sync;
      } catch (error) {
        if (!(error instanceof CohortError) || !NOT_NOW.has(error.code)) throw error;
        journal.counts.failedAttempts += 1;
        await delay(RETRY_AFTER_MS);
      }
    }
  }
}

/** Bans and unbans users in all their groups. Only one caller may do that: the last request of a user wins. */
export function banCaller(name: string, random: Random, { journal, clients }: Surroundings) {
  return new Caller(
    banSteps(random, name),
    async ({ kind, commandId, userId }) => {
      const command = kind === 'ban' ? 'banUserEverywhere' : 'unbanUserEverywhere';
      for (;;) {
        try {
          const data = { app: APP, actor: SERVICE, commandId, userId };
          const attempt = clients[0].command(command, data, { timeoutMs: TIMEOUT_MS });
          const { request } = await journal.timed('ban in all groups', TIMEOUT_MS + SLACK_MS, attempt);
          journal.alive();
          journal.banned.set(userId, { kind, request });
          journal.counts.bans += 1;
          return;
        } catch (error) {
          if (!(error instanceof CohortError) || !NOT_NOW.has(error.code)) throw error;
          journal.counts.failedAttempts += 1;
          await delay(RETRY_AFTER_MS);
        }
      }
    },
    journal,
  );
}
