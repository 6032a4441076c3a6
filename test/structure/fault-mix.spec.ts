import { joinCodeSecret, writeJoinCode, type GroupCommand, type GroupCommandAnswer } from '@cohort/contracts';
import { decide, evolve, initialState, type GroupState } from '@cohort/group';
import { AT, context } from '@cohort/group/testing';
import { Journal } from '../faults/journal';
import { Known } from '../faults/known';
import { COMMANDS } from '../faults/mix';
import { eraseSteps, importSteps, pauseSteps } from '../faults/own-steps';
import {
  APP,
  ERASED_GROUPS,
  HOT_GROUPS,
  LIMITS_OF_TENANT,
  OPEN,
  SERVICE,
  STAYING,
  type PlannedCommand,
} from '../faults/plan';
import { Random } from '../faults/random';
import { keyOf } from '../faults/replay';
import { steps } from '../faults/steps';
import { tallyOf, withoutEffect, type Tally } from '../faults/tally';

const SECRET = joinCodeSecret(new Uint8Array(32));
/** Commands of a run take about this long, in milliseconds. */
const EACH_MS = 20;

/** What a run's commands do when no process dies: the groups are in memory. */
class Groups {
  readonly journal = new Journal();
  readonly known = new Known((groupId) => Promise.resolve(this.codeOf(groupId)));
  private readonly groups = new Map<string, GroupState>();
  private readonly writers = new Set<string>();
  private at = AT;

  get tally(): Tally {
    return tallyOf(this.journal, this.writers);
  }

  send(command: PlannedCommand): GroupCommandAnswer | undefined {
    const { name, data } = command;
    this.at += EACH_MS;
    const rules = {
      ...context,
      joinCodeSecret: SECRET,
      groupCapacity: 1_000,
      limits: { ...context.limits, ...LIMITS_OF_TENANT },
    };
    const state = this.groups.get(data.groupId) ?? initialState;
    const decision = decide({ type: name, data } as GroupCommand, state, { ...rules, at: this.at });
    if (!decision.ok) {
      this.journal.refused.set(keyOf(command), { name, code: decision.error.code, inDoubt: false });
      return undefined;
    }
    this.groups.set(data.groupId, decision.events.reduce(evolve, state));
    if (decision.events.length > 0) this.writers.add(keyOf(command));
    const made =
      decision.made === undefined ? {} : { [name === 'shareFile' ? 'fileId' : 'announcementId']: decision.made };
    const answer = { groupId: data.groupId, revision: '0', position: '0', ...made };
    this.journal.acknowledged.push({ command, answer });
    return answer;
  }

  private codeOf(groupId: string): string | undefined {
    const state = this.groups.get(groupId);
    if (state?.status !== 'live') return undefined;
    const { key } = state.joinKeys;
    return writeJoinCode({ groupId, key, createdAt: this.at, expiresAt: this.at + 60_000 }, SECRET);
  }
}

test('every command that a fault run sends has an effect in one run, and every command is sent', async () => {
  const random = new Random('plan');
  const groups = new Groups();
  for (const [i, groupId] of [...HOT_GROUPS, ...ERASED_GROUPS].entries()) {
    const data = { app: APP, actor: SERVICE, groupId, commandId: `make-${i}`, name: groupId, owner: STAYING[0] };
    groups.send({ name: 'create', data: { ...data, members: [...STAYING], settings: OPEN } });
  }
  const callers = Array.from({ length: 6 }, (_, i) => steps(random.named(`${i}`), `caller-${i}`));
  const own = [pauseSteps(random.named('pause'), 'pause'), importSteps(random.named('import'), 'import')];
  const erasing = eraseSteps(random.named('erase'), 'erase');
  for (let round = 0; round < 1_500; round++) {
    for (const caller of callers) {
      const { step } = caller.next().value as { step: { kind: string; command?: PlannedCommand } };
      const command = step.command && (await groups.known.complete(step.command));
      const answer = command && groups.send(command);
      if (command && answer && step.kind === 'command') groups.known.note(command, answer);
    }
    for (const plan of round % 20 < 2 ? own : []) groups.send((plan.next().value as { step: PlannedCommand }).step);
    const { step } = erasing.next().value as { step: { kind: string; command?: PlannedCommand } };
    if (step.command) groups.send(step.command);
  }
  const { tally } = groups;
  expect(COMMANDS.filter((name) => tally[name] === undefined)).toEqual([]);
  expect(withoutEffect(tally)).toEqual([]);
  // Shared groups can be joined by users themselves, and most of the load isn't refused.
  expect(tally.join!.written).toBeGreaterThan(100);
  const sums = Object.values(tally).map(({ written }) => written);
  expect(sums.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(3_000);
  expect(tally.handleApplication!.written).toBeGreaterThan(3);
  expect(tally.handleInvitation!.written).toBeGreaterThan(3);
});

test('a command that never has an effect in a long run is found', () => {
  const outcome = { written: 0, unchanged: 10_000, refused: {} };
  expect(withoutEffect({ join: outcome })).toContain('join');
  expect(withoutEffect({ join: { ...outcome, unchanged: 10 } })).toEqual([]);
});
