import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  eventId,
  GROUP_EVENTS,
  groupStream,
  TENANT_DEFAULTS,
  type GroupCommand,
  type GroupEvent,
} from '@cohort/contracts';
import { decide, evolve, initialState, type GroupState } from '@cohort/group';
import { anyCommand, command, membersOf } from '@cohort/group/testing';
import { ReadModel, type LogEvent } from '@cohort/read-model';

const STREAM = groupStream('demo', 'g');
const create = command('create', { name: 'G', owner: 'u1', members: ['u2', 'u3'] });

/** The log that a command process would have written, and its state of the group. */
function carryOut(commands: readonly GroupCommand[]): { log: LogEvent[]; state: GroupState } {
  const log: LogEvent[] = [];
  let state = initialState;
  for (const [n, each] of [create, ...commands].entries()) {
    const at = 1.7e12 + n;
    const time = new Date(at).toISOString();
    const context = { ...TENANT_DEFAULTS, at, numericId: '4503599627370496', groupCapacity: 8 };
    const decision = decide(each, state, context);
    if (!decision.ok) continue;
    decision.events.forEach(({ type, data }: GroupEvent, index) => {
      log.push({
        stream: STREAM,
        revision: log.length,
        position: String((log.length + 1) * 10),
        id: eventId({ stream: STREAM, commandId: `command ${n}`, commandHash: '', at: time, index }),
        type,
        data,
        metadata: {
          at: time,
          schemaVersion: GROUP_EVENTS[type].version,
          batch: { index, size: decision.events.length },
        },
      });
    });
    state = decision.events.reduce(evolve, state);
  }
  return { log, state };
}

describe('the read model and the domain', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cohort-domain-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('agree about the members, roles, owner, count and revision of a group after any commands', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyCommand, { maxLength: 40 }), async (commands) => {
        const { log, state } = carryOut(commands);
        const file = join(directory, `${run++}.db`);
        const model = ReadModel.open({ file, store: 'store' });
        try {
          await model.applyBatch(log, log.at(-1)!.position);
          const group = model.queries.group({ app: 'demo', groupId: 'g' });
          expect(model.degraded()).toEqual([]);
          const disabled = state.status === 'live' && state.lifecycle.disabled;
          expect([group.status, group.revision]).toEqual([
            disabled ? 'disabled' : state.status,
            String(log.length - 1),
          ]);
          if (state.status !== 'live') return;
          const { members, total } = model.queries.members({ app: 'demo', groupId: 'g' });
          // The order of joining is the same too: it decides the next owner.
          expect(members.map(({ userId, role }) => ({ userId, role }))).toEqual(membersOf(state));
          const { info, roles } = state;
          expect([group.owner, group.name, group.description, group.avatar, group.ext]).toEqual([
            roles.owner,
            info.name,
            info.description,
            info.avatar,
            info.ext,
          ]);
          expect([group.settings, group.capacity]).toEqual([state.settings, state.membership.capacity]);
          const { size } = state.membership.members;
          expect([group.memberCount, total, members.length]).toEqual([size, size, size]);
        } finally {
          model.close();
          rmSync(file, { force: true });
        }
      }),
      { numRuns: 80 },
    );
  });
});
