import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { eventId, groupStream, type GroupCommand, type GroupEvent } from '@cohort/contracts';
import { decide, evolve, initialState, roleOf, type GroupState } from '@cohort/group';
import { ReadModel, type LogEvent } from '@cohort/read-model';

const STREAM = groupStream('demo', 'g');
const USERS = [...'abcdefghij'];

/** Commands by services on one small group, sensible or not. */
const user = fc.constantFrom(...USERS);
const users = fc.subarray(USERS, { minLength: 1 });
const command = fc
  .oneof(
    fc.record({ type: fc.constant('join'), data: fc.record({ userId: user }) }),
    fc.record({
      type: fc.constant('leave'),
      data: fc.record({ userId: user, ownerPolicy: fc.constantFrom('refuse', 'oldestAdmin', 'oldestMember') }),
    }),
    fc.record({
      type: fc.constant('leaveMany'),
      data: fc.record({ userIds: users, ownerPolicy: fc.constant('oldestMember') }),
    }),
    fc.record({ type: fc.constant('addMembers'), data: fc.record({ userIds: users }) }),
    fc.record({ type: fc.constant('kick'), data: fc.record({ userIds: users }) }),
    fc.record({ type: fc.constant('transfer'), data: fc.record({ newOwner: user }) }),
    fc.record({ type: fc.constant('createOrJoin'), data: fc.record({ userIds: users }) }),
    fc.record({
      type: fc.constant('changeInfo'),
      data: fc.record({ name: fc.constantFrom('A', 'B'), ext: fc.string({ maxLength: 5 }) }),
    }),
    fc.record({ type: fc.constant('dismiss'), data: fc.constant({}) }),
  )
  .map(
    ({ type, data }) =>
      ({ type, data: { app: 'demo', actor: { type: 'service' }, groupId: 'g', ...data } }) as GroupCommand,
  );

const create = {
  type: 'create',
  data: { app: 'demo', actor: { type: 'service' }, groupId: 'g', name: 'G', owner: 'a', members: ['b', 'c'] },
} as GroupCommand;

/** What the command app would have written, and the state it would hold. */
function carryOut(commands: readonly GroupCommand[]): { log: LogEvent[]; state: GroupState } {
  const log: LogEvent[] = [];
  let state = initialState;
  for (const [n, each] of [create, ...commands].entries()) {
    const context = { numericId: '4503599627370496', ownerPolicy: 'refuse', groupCapacity: 8 } as const;
    const decision = decide(each, state, context);
    if (!decision.ok) continue;
    decision.events.forEach(({ type, data }: GroupEvent, index) => {
      log.push({
        stream: STREAM,
        revision: log.length,
        position: String((log.length + 1) * 10),
        id: eventId(STREAM, `command ${n}`, '', index),
        type,
        data,
        metadata: {
          at: new Date(1.7e12 + n).toISOString(),
          schemaVersion: 1,
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

  it('agree about a group, whatever commands it has seen: members, roles, owner, count, revision', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        const { log, state } = carryOut(commands);
        const file = join(directory, `${run++}.db`);
        const model = ReadModel.open({ file, store: 'store' });
        try {
          await model.applyBatch(log, log.at(-1)!.position);
          const group = model.queries.group({ app: 'demo', groupId: 'g' });
          expect(model.queries.degraded()).toEqual([]);
          expect([group.status, group.revision]).toEqual([state.status, String(log.length - 1)]);
          if (state.status !== 'live') return;
          const { members, total } = model.queries.members({ app: 'demo', groupId: 'g' });
          const roles = Object.fromEntries(members.map(({ userId, role }) => [userId, role]));
          const expected = USERS.flatMap((id) => (state.members.has(id) ? [[id, roleOf(state, id)]] : []));
          expect(roles).toEqual(Object.fromEntries(expected));
          expect([group.owner, group.name, group.ext]).toEqual([state.owner, state.name, state.ext]);
          expect([group.memberCount, total, members.length]).toEqual(Array(3).fill(state.members.size));
          // The order of joining is the same, too: it decides who becomes owner.
          const inOrder = USERS.filter((id) => state.members.has(id)).sort(
            (a, b) => state.members.get(a)!.seq - state.members.get(b)!.seq,
          );
          expect(members.map(({ userId }) => userId)).toEqual(inOrder);
        } finally {
          model.close();
          rmSync(file, { force: true });
        }
      }),
      { numRuns: 80 },
    );
  });
});
