import { Caller } from './caller';
import { eraseSteps, importSteps, pauseSteps } from './own-steps';
import { APP, SERVICE, type Paused, type PlannedCommand } from './plan';
import type { Random } from './random';
import { send, TIMEOUT_MS, untilAnswered, type Surroundings } from './sending';

/** How long a caller waits for an erasure that it wants to see, in milliseconds. */
const ERASURE_MS = 2_000;

/** Sends each command of a plan, some of them twice at the same time. */
function planned(plan: Iterator<Paused<PlannedCommand>>, random: Random, surroundings: Surroundings) {
  const { journal, clients } = surroundings;
  return new Caller(
    plan,
    async (command) => {
      const over = random.chance(0.15) ? clients : [random.pick(clients)];
      const answers = await Promise.all(over.map((client) => send(surroundings, command, client)));
      journal.counts.repeats += answers.length - 1;
      journal.counts[answers.some((one) => one !== undefined) ? 'commands' : 'refused'] += 1;
    },
    journal,
  );
}

export const importCaller = (name: string, random: Random, surroundings: Surroundings) =>
  planned(importSteps(random.named('plan'), name), random, surroundings);

/** The only caller that disables hot groups, so that nobody else enables them. */
export const pauseCaller = (name: string, random: Random, surroundings: Surroundings) =>
  planned(pauseSteps(random.named('plan'), name), random, surroundings);

/** Erases users that no other caller uses. */
export function eraseCaller(name: string, random: Random, surroundings: Surroundings) {
  const { journal, clients } = surroundings;
  return new Caller(
    eraseSteps(random, name),
    async (step) => {
      if (step.kind === 'command') {
        const answer = await send(surroundings, step.command, clients[1]);
        journal.counts[answer ? 'commands' : 'refused'] += 1;
        return;
      }
      const { userId, commandId, wait } = step;
      const data = { app: APP, actor: SERVICE, commandId, userId };
      const { sync } = await untilAnswered(journal, 'erasure', (timeoutMs) =>
        clients[1].command('eraseUser', data, { timeoutMs }),
      );
      journal.erased.set(userId, sync);
      journal.counts.erasures += 1;
      if (!wait) return;
      const question = { app: APP, userId, sync, waitMs: ERASURE_MS };
      await clients[1].query('userSync', question, { timeoutMs: TIMEOUT_MS }).catch(() => undefined);
    },
    journal,
  );
}
