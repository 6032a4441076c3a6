import * as fc from 'fast-check';
import {
  MAX_EVENT_BYTES,
  MAX_MEMBERS_PER_EVENT,
  type GroupCommand,
  type GroupCommandName,
  type GroupEvent,
} from '@cohort/contracts';
import { decide } from './decide';
import { evolve } from './evolve';
import { packState } from './packing';
import { initialState, weigh, type GroupState } from './state';
import {
  changed,
  command,
  created,
  dismissed,
  granted,
  joined,
  kicked,
  left,
  revoked,
  service,
  transferred,
  user,
  type CommandFields,
} from './testing/facts';
import { context, stateAfter, unpackState } from './testing/given';

const userId = fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6');
const userIds = fc.array(userId, { maxLength: 8 });
const actor = fc.oneof({ weight: 2, arbitrary: fc.constant(service) }, { weight: 1, arbitrary: userId.map(user) });
const text = fc.constantFrom('', 'a', 'b');
const name = fc.constantFrom('a', 'b');
const policy = fc.constantFrom('refuse', 'oldestAdmin', 'oldestMember', 'dismiss' as const);
const sync = fc.option(fc.nat(9), { nil: undefined });
const opt = { requiredKeys: [] };

/** By name, so that no command is left out. */
const FIELDS: { readonly [N in GroupCommandName]: fc.Arbitrary<CommandFields<N>> } = {
  create: fc.record({ actor, name, owner: userId, members: userIds, capacity: fc.integer({ min: 1, max: 6 }) }),
  createOrJoin: fc.record({ actor, userIds, name, rename: fc.boolean(), sync }),
  changeInfo: fc.record({ actor, name, description: text, avatar: text, ext: text }, opt),
  join: fc.record({ actor, userId }),
  leave: fc.record({ actor, userId, ownerPolicy: policy }),
  leaveMany: fc.record({ actor, userIds, ownerPolicy: policy, sync }),
  addMembers: fc.record({ actor, userIds }),
  kick: fc.record({ actor, userIds }),
  transfer: fc.record({ actor, newOwner: userId }),
  dismiss: fc.record({ actor }),
};
const commandsOf = <N extends GroupCommandName>(type: N): fc.Arbitrary<GroupCommand> =>
  FIELDS[type].map((fields) => command(type, fields));
const aCommand = fc.oneof(...(Object.keys(FIELDS) as GroupCommandName[]).map(commandsOf));
/** What happens to a group over time; admins come and go by events, which have no command yet. */
const step = fc.oneof(
  { weight: 6, arbitrary: aCommand },
  { weight: 1, arbitrary: fc.uniqueArray(userId, { minLength: 1 }).map((ids) => granted(...ids)) },
  { weight: 1, arbitrary: fc.uniqueArray(userId, { minLength: 1 }).map((ids) => revoked(...ids)) },
);
const isCommand = (value: GroupCommand | GroupEvent): value is GroupCommand => 'actor' in value.data;
const startOf = (members: string[]): GroupState =>
  stateAfter([
    created('u1', { capacity: 6 }),
    ...(members.length > 0 ? [joined('create', members.length + 1, ...members)] : []),
  ]);
const start = fc.oneof(fc.constant(initialState), fc.subarray(['u2', 'u3', 'u4', 'u5']).map(startOf));

/** Every state and event on the way of these steps. */
function walk(
  from: GroupState,
  steps: readonly (GroupCommand | GroupEvent)[],
  visit: (before: GroupState, event: GroupEvent, after: GroupState) => void,
): GroupState {
  let state = from;
  for (const one of steps) {
    const events = isCommand(one) ? eventsOf(one, state) : [one];
    for (const event of events) {
      const after = evolve(state, event);
      visit(state, event, after);
      state = after;
    }
  }
  return state;
}
function eventsOf(one: GroupCommand, state: GroupState): readonly GroupEvent[] {
  const decision = decide(one, state, context);
  return decision.ok ? decision.events : [];
}

const steps = fc.array(step, { maxLength: 40 });
const check = (property: fc.IProperty<[GroupState, (GroupCommand | GroupEvent)[]]>) =>
  fc.assert(property, { numRuns: 400 });

test('a live group has exactly one owner, who is a member, after each event', () => {
  check(
    fc.property(start, steps, (from, way) => {
      walk(from, way, (_before, _event, after) => {
        if (after.status !== 'live') return;
        const owners = [...after.members].filter(([, { role }]) => role === 'owner').map(([id]) => id);
        expect(owners).toEqual([after.owner]);
      });
    }),
  );
});

test('a count in an event is the size of the member set after it, never over the capacity', () => {
  check(
    fc.property(start, steps, (from, way) => {
      walk(from, way, (_before, event, after) => {
        if (!('memberCount' in event.data)) return;
        expect(after).toMatchObject({ status: 'live', members: { size: event.data.memberCount } });
        if (after.status === 'live') expect(after.members.size).toBeLessThanOrEqual(after.capacity);
      });
    }),
  );
});

test('dismissed is final', () => {
  check(
    fc.property(start, steps, (from, way) => {
      const ended = evolve(
        walk(from, way, () => undefined),
        dismissed('requested'),
      );
      if (ended.status !== 'dismissed') return;
      walk(ended, way, (_before, event, after) => {
        expect(['adminGranted', 'adminRevoked']).toContain(event.type);
        expect(after).toBe(ended);
      });
    }),
  );
});

test('each event says something new: members who join were out, who go were in, values differ', () => {
  check(
    fc.property(start, steps, (from, way) => {
      walk(from, way, (before, event, after) => {
        // Made up by this test, without a command that sees to it.
        if (event.type === 'adminGranted' || event.type === 'adminRevoked') return;
        if (before.status === 'live' && 'members' in event.data) {
          const wereIn = event.data.members.map(({ userId }) => before.members.has(userId));
          expect(new Set(wereIn)).toEqual(new Set([event.type !== 'memberJoined']));
        }
        expect(after).not.toEqual(before);
      });
    }),
  );
});

test('what a command asked for, asked again, changes nothing', () => {
  check(
    fc.property(start, steps, (from, way) => {
      let state = from;
      for (const one of way) {
        state = isCommand(one) ? stateAfter(eventsOf(one, state), state) : evolve(state, one);
        if (isCommand(one)) expect(eventsOf(one, state)).toEqual([]);
      }
    }),
  );
});

test('a result for each named user, once, in order', () => {
  check(
    fc.property(start, steps, (from, way) => {
      walk(from, way, () => undefined);
      for (const one of way.filter(isCommand)) {
        const decision = decide(one, from, context);
        if (decision.ok && 'userIds' in one.data) {
          expect(decision.results?.map((result) => result.userId)).toEqual([...new Set(one.data.userIds)]);
          for (const result of decision.results ?? []) expect('code' in result).toBe(!result.ok);
        }
      }
    }),
  );
});

test('evolve takes any events in any order', () => {
  const few = fc.uniqueArray(userId);
  const anEvent: fc.Arbitrary<GroupEvent> = fc.oneof(
    userId.map((id) => created(id)),
    few.map((ids) => joined('join', 1, ...ids)),
    few.map((ids) => left(0, ...ids)),
    few.map((ids) => kicked(0, ...ids)),
    fc.tuple(userId, userId).map(([from, to]) => transferred(from, to, 'requested')),
    few.map((ids) => granted(...ids)),
    few.map((ids) => revoked(...ids)),
    name.map((value) => changed({ name: value })),
    fc.constant(dismissed('requested')),
    fc.constant({ type: 'somethingNew', data: {} } as unknown as GroupEvent),
  );
  fc.assert(
    fc.property(fc.array(anEvent, { maxLength: 30 }), (events) => {
      const state = stateAfter(events);
      expect(weigh(state)).toBeGreaterThan(0);
      expect(unpackState(packState(state))).toEqual(state);
    }),
    { numRuns: 1_000 },
  );
});

test('a state comes back from its packed form, through JSON', () => {
  check(
    fc.property(start, steps, (from, way) => {
      const state = walk(from, way, () => undefined);
      const packed = JSON.parse(JSON.stringify([...packState(state)])) as ReturnType<typeof packState>;
      expect(unpackState(packed)).toEqual(state);
    }),
  );
});

test('events stay within their bounds for any ids', () => {
  const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }).filter((s) => [...s].length <= 64);
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 1_200, size: 'max' }), (ids) => {
      const made = eventsOf(command('createOrJoin', { userIds: ids, capacity: 3_000 }), initialState);
      const gone = eventsOf(command('leaveMany', { userIds: ids.slice(1) }), stateAfter(made));
      const joiners: string[] = [];
      for (const { type, data } of [...made, ...gone]) {
        expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThanOrEqual(MAX_EVENT_BYTES);
        if ('members' in data) expect(data.members.length).toBeLessThanOrEqual(MAX_MEMBERS_PER_EVENT);
        if (type === 'memberJoined') joiners.push(...data.members.map((m) => m.userId));
      }
      expect(joiners).toEqual(ids.slice(1));
    }),
    { numRuns: 30 },
  );
});
