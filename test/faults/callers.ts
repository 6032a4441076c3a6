import { CohortError } from '@cohort/contracts';
import { Caller } from './caller';
import type { Known } from './known';
import { APP, banSteps, httpSteps, SERVICE, syncSteps } from './plan';
import type { Random } from './random';
import { send, SLACK_MS, TIMEOUT_MS, untilAnswered, untilDone, type Surroundings } from './sending';
import { steps } from './steps';

/** Random commands on groups that others change too; some are sent twice at the same time, or again later. */
export function groupCaller(name: string, random: Random, known: Known, surroundings: Surroundings) {
  const { journal, clients } = surroundings;
  let last: { groupId: string; revision: string; position: string } | undefined;
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
      if (step.kind === 'read') return read();
      const command = await known.complete(step.command);
      if (command === undefined) return;
      const twice = step.kind === 'command' && step.twice;
      const answers = await Promise.all(
        (twice ? clients : [random.pick(clients)]).map((client) => send(surroundings, command, client)),
      );
      const answer = answers.find((one) => one !== undefined);
      last = answer ?? last;
      if (step.kind === 'repeat') {
        journal.counts.repeats += 1;
        return;
      }
      if (answer) known.note(command, answer);
      journal.counts.repeats += answers.length - 1;
      journal.counts[answer ? 'commands' : 'refused'] += 1;
    },
    journal,
  );
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
        const { sync } = await untilAnswered(journal, 'sync', (timeoutMs) =>
          clients[1].command('syncUser', data, { timeoutMs }),
        );
        journal.synced.set(userId, { groups, sync });
      }
      journal.counts.syncs += 1;
    },
    journal,
  );
}

/** Bans and unbans users in all their groups. Only one caller may do that: the last request of a user wins. */
export function banCaller(name: string, random: Random, { journal, clients }: Surroundings) {
  return new Caller(
    banSteps(random, name),
    async ({ kind, commandId, userId }) => {
      const command = kind === 'ban' ? 'banUserEverywhere' : 'unbanUserEverywhere';
      const data = { app: APP, actor: SERVICE, commandId, userId };
      const { request } = await untilAnswered(journal, 'ban in all groups', (timeoutMs) =>
        clients[0].command(command, data, { timeoutMs }),
      );
      journal.banned.set(userId, { kind, request });
      journal.counts.bans += 1;
    },
    journal,
  );
}
