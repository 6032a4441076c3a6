import * as fc from 'fast-check';
import {
  DEFAULT_SETTINGS,
  MAX_EVENT_BYTES,
  MAX_MEMBERS_PER_EVENT,
  type GroupCommand,
  type GroupEvent,
} from '@cohort/contracts';
import {
  adminGranted,
  adminRevoked,
  applicationApproved,
  applicationDeclined,
  applicationExpired,
  applicationWithdrawn,
  applied,
  announcementDeleted,
  announcementPosted,
  allBanned,
  allowListed,
  allowListRemoved,
  allUnbanned,
  banned,
  blocked,
  created,
  dismissed,
  displayNameChanged,
  fileRemoved,
  fileRenamed,
  fileShared,
  infoChanged,
  invitationAccepted,
  invitationDeclined,
  invitationExpired,
  invitationWithdrawn,
  invited,
  joined,
  attributesSet,
  joinKeyChanged,
  kicked,
  left,
  memberExtraSet,
  muteModeSet,
  pushModeSet,
  transferred,
  unbanned,
  unblocked,
} from '@cohort/contracts/testing';
import { decide } from './decide';
import type { DecideContext, Decision } from './decision';
import { evolve } from './evolve';
import { initialState, weigh, type GroupState } from './state';
import {
  anyCommand,
  AT,
  command,
  COMMAND_NAMES,
  context,
  holds,
  isRepeatable,
  stateAfter,
  packed,
  unpackState,
} from './testing';
import { USER_IDS, userId } from './testing/sample';

type Step = GroupCommand | GroupEvent;

const someUsers = fc.uniqueArray(userId, { minLength: 1 });
/** What happens to a group over time; admins come and go by events, for which there is no command yet. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: anyCommand },
  { weight: 1, arbitrary: someUsers.map((ids) => adminGranted(...ids)) },
  { weight: 1, arbitrary: someUsers.map((ids) => adminRevoked(...ids)) },
);
const isCommand = (value: Step): value is GroupCommand => 'actor' in value.data;

const [owner, ...others] = USER_IDS;
/** A public group. Of those who aren't members, each has applied or is invited. */
const groupOf = (members: string[]): GroupState => {
  const outside = others.filter((id) => !members.includes(id));
  return stateAfter([
    created(owner, { capacity: USER_IDS.length, settings: { ...DEFAULT_SETTINGS, visibility: 'public' } }),
    ...(members.length > 0 ? [joined('create', members.length + 1, ...members)] : []),
    ...outside.map((id, i) =>
      i % 2 === 0 ? applied(id, i + 1, AT + 40 * (i + 1)) : invited(owner, { [id]: i + 1 }, AT + 40 * (i + 1)),
    ),
  ]);
};
const liveStart = fc.subarray(others.slice(0, 4)).map(groupOf);
const ended = liveStart.map((state) => evolve(state, dismissed('requested')));
const start = fc.oneof({ weight: 1, arbitrary: fc.constant(initialState) }, { weight: 4, arbitrary: liveStart });
const steps = fc.array(step, { maxLength: 40, size: 'max' });

/** Some applications and invitations run out on a way. */
const PENDING = { applicationMs: 30, invitationMs: 30 };

interface Visitor {
  onDecision?: (
    command: GroupCommand,
    before: GroupState,
    decision: Decision,
    after: GroupState,
    decided: DecideContext,
  ) => void;
  onEvent?: (before: GroupState, event: GroupEvent, after: GroupState) => void;
}

/** The state after these steps, some milliseconds each; each command is decided on the state that the steps before it left. */
function walk(from: GroupState, way: readonly Step[], { onDecision, onEvent }: Visitor = {}): GroupState {
  let state = from;
  for (const [n, one] of way.entries()) {
    const before = state;
    const now = { ...context, limits: { ...context.limits, ...PENDING }, at: AT + 4 * n };
    const decision = isCommand(one) ? decide(one, before, now) : undefined;
    for (const event of decision ? eventsOf(decision) : [one as GroupEvent]) {
      const after = evolve(state, event);
      onEvent?.(state, event, after);
      state = after;
    }
    if (decision) onDecision?.(one as GroupCommand, before, decision, state, now);
  }
  return state;
}
const eventsOf = (decision: Decision): readonly GroupEvent[] => (decision.ok ? decision.events : []);

/** Checks the expectations of a visitor on many ways, which must contain at least `atLeast` of the things that it visits. */
function check(visitorOf: (seen: () => void) => Visitor, atLeast: number, from = start, numRuns = 400): void {
  let seen = 0;
  const visitor = visitorOf(() => (seen += 1));
  fc.assert(
    fc.property(from, steps, (state, way) => void walk(state, way, visitor)),
    { numRuns },
  );
  expect(seen).toBeGreaterThan(atLeast);
}

test('ways through a group carry out every command, refuse every command, and end groups', () => {
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  check(
    (seen) => ({
      onDecision: ({ type }, before, decision) => {
        const outcome = !decision.ok ? 'refused' : decision.events.length > 0 ? 'carried out' : 'held already';
        count(`${type} ${before.status === 'live' ? outcome : before.status}`);
        seen();
      },
    }),
    2_000,
    fc.oneof({ weight: 5, arbitrary: start }, { weight: 1, arbitrary: ended }),
    1_200,
  );
  const outcomes = COMMAND_NAMES.flatMap((name) => [`${name} carried out`, `${name} refused`, `${name} dismissed`]);
  // Those that make groups have specs of their own: these ways begin in a group.
  const beginning = ['create', 'importGroup', 'importMembers', 'completeImport'].map((name) => `${name} carried out`);
  const possible = outcomes.filter((one) => !beginning.includes(one));
  expect(possible.filter((one) => (counts.get(one) ?? 0) < 1)).toEqual([]);
});

test('a live group has exactly one owner, who is a member and no admin, after each event', () => {
  check(
    (seen) => ({
      onEvent: (_before, _event, after) => {
        if (after.status !== 'live') return;
        const { membership, roles } = after;
        expect(membership.members.has(roles.owner)).toBe(true);
        expect(roles.admins.has(roles.owner)).toBe(false);
        seen();
      },
    }),
    1_000,
  );
});

test('every admin is a member after each event', () => {
  check(
    (seen) => ({
      onEvent: (_before, _event, after) => {
        if (after.status !== 'live') return;
        const { membership, roles } = after;
        expect([...roles.admins].filter((id) => !membership.members.has(id))).toEqual([]);
        if (roles.admins.size > 0) seen();
      },
    }),
    200,
  );
});

test('no member is blocked, and everybody on the allow-list is a member, after each event', () => {
  check(
    (seen) => ({
      onEvent: (_before, _event, after) => {
        if (after.status !== 'live') return;
        const { membership, blocks, bans } = after;
        expect([...blocks.blocked].filter((id) => membership.members.has(id))).toEqual([]);
        expect([...bans.allowed].filter((id) => !membership.members.has(id))).toEqual([]);
        if (blocks.blocked.size + bans.allowed.size > 0) seen();
      },
    }),
    200,
  );
});

test('a ban that ends by itself is never announced early, and its end is the one it was given', () => {
  check(
    (seen) => ({
      onDecision: (_command, before, decision, _after, { at }) => {
        for (const { type, data } of eventsOf(decision)) {
          if (type !== 'unbanned' && type !== 'allUnbanned') continue;
          if (before.status !== 'live') throw new Error('Bans end in live groups only.');
          const ends =
            type === 'unbanned' ? data.users.map((one) => before.bans.banned.get(one.userId)) : [before.bans.all];
          const end = data.endedAt === undefined ? undefined : Date.parse(data.endedAt);
          for (const given of ends) {
            expect(data.reason).toBe(given! <= at ? 'expired' : 'lifted');
            if (data.reason === 'expired') expect(end).toBe(given);
          }
          if (data.reason === 'expired') seen();
        }
      },
    }),
    10,
  );
});

const sizeOf = (state: GroupState): number => (state.status === 'live' ? state.membership.members.size : 0);

test('an event by which members come or go has the size of the member set after it, never over the capacity', () => {
  check(
    (seen) => ({
      onEvent: (before, event, after) => {
        if (!('memberCount' in event.data)) {
          // Nobody comes or goes uncounted, but with the end of the group.
          if (after.status === 'live') expect(sizeOf(after)).toBe(sizeOf(before));
          return;
        }
        if (after.status !== 'live') throw new Error('A counted group lives.');
        const { members, capacity } = after.membership;
        expect(members.size).toBe(event.data.memberCount);
        expect(members.size).toBeLessThanOrEqual(capacity);
        seen();
      },
    }),
    150,
  );
});

test('a dismissed group stays as it is, whatever is asked of it', () => {
  check(
    (seen) => ({
      onDecision: (_command, before, decision, after) => {
        expect(eventsOf(decision)).toEqual([]);
        expect(after).toBe(before);
        seen();
      },
    }),
    2_000,
    ended,
  );
});

test('each event of a command says something new: members that join were out, members that go were in, values differ', () => {
  check(
    (seen) => ({
      onDecision: (_command, before, decision) => {
        let state = before;
        for (const event of eventsOf(decision)) {
          if (state.status === 'live' && 'members' in event.data) {
            const { members } = state.membership;
            const wereIn = event.data.members.map(({ userId }) => members.has(userId));
            const areOut = event.type === 'memberJoined' || event.type === 'membersImported';
            // A chunk of an import may have nobody new.
            expect(new Set(wereIn)).toEqual(new Set(wereIn.length === 0 ? [] : [!areOut]));
          }
          const after = evolve(state, event);
          expect(after).not.toEqual(state);
          state = after;
          seen();
        }
      },
    }),
    500,
  );
});

test('a group shows that an accepted command was done', () => {
  check(
    (seen) => ({
      onDecision: (one, _before, decision, after) => {
        if (!decision.ok) return;
        expect({ one, after, holds: holds(one, after, decision.results) }).toEqual({ one, after, holds: true });
        seen();
      },
    }),
    1_000,
  );
});

test('a command that is asked again changes nothing, but for those that add a thing each time', () => {
  check(
    (seen) => ({
      onDecision: (one, _before, decision, after, now) => {
        if (!isRepeatable(one)) return;
        expect(eventsOf(decide(one, after, now))).toEqual([]);
        if (eventsOf(decision).length > 0) seen();
      },
    }),
    500,
  );
});

test('an accepted command has a result for each named user, once, in order, with a code if the user is refused', () => {
  check(
    (seen) => ({
      onDecision: ({ data }, _before, decision) => {
        if (!decision.ok || !('userIds' in data)) return;
        expect(decision.results?.map((result) => result.userId)).toEqual([...new Set(data.userIds)]);
        for (const result of decision.results ?? []) {
          expect('code' in result).toBe(!result.ok);
          if (!result.ok) seen();
        }
      },
    }),
    40,
  );
});

test('a state comes back from its packed form, through JSON', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(start, steps, (from, way) => {
      const state = walk(from, way);
      expect(unpackState(packed(state))).toEqual(state);
      seen.add(state.status);
    }),
    { numRuns: 400 },
  );
  expect([...seen].sort()).toEqual(['dismissed', 'live', 'none']);
});

test('evolve takes any events in any order', () => {
  const few = fc.uniqueArray(userId);
  const anEvent: fc.Arbitrary<GroupEvent> = fc.oneof(
    userId.map((id) => created(id)),
    few.map((ids) => joined('join', 1, ...ids)),
    few.map((ids) => left(0, ...ids)),
    few.map((ids) => kicked(0, ...ids)),
    fc.tuple(userId, userId).map(([from, to]) => transferred(from, to, 'requested')),
    few.map((ids) => adminGranted(...ids)),
    few.map((ids) => adminRevoked(...ids)),
    few.map((ids) => banned(AT, ...ids)),
    few.map((ids) => banned(undefined, ...ids)),
    few.map((ids) => unbanned(...ids)),
    fc.constantFrom(allBanned(AT), allBanned(), allUnbanned()),
    few.map((ids) => allowListed(...ids)),
    few.map((ids) => allowListRemoved(...ids)),
    few.map((ids) => blocked(...ids)),
    few.map((ids) => unblocked(...ids)),
    fc.constantFrom('a', 'b').map((value) => infoChanged({ name: value })),
    fc.constantFrom('1', '2').map((id) => announcementPosted(id)),
    fc.constantFrom('1', '2').map((id) => announcementDeleted(id)),
    fc.constantFrom('1', '2').map((id) => fileShared(id, 'u1')),
    fc.constantFrom('1', '2').map((id) => fileRenamed(id, 'b')),
    fc.constantFrom('1', '2').map((id) => fileRemoved([id, 'u1'])),
    userId.map((id) => displayNameChanged(id, 'Ann')),
    userId.map((id) => muteModeSet(id, 1)),
    userId.map((id) => pushModeSet(id, 0)),
    userId.map((id) => memberExtraSet(id, { a: 'x' }, ['b'])),
    userId.map((id) => applied(id, 1, AT)),
    userId.map((id) => applicationApproved(id, 1)),
    userId.map((id) => applicationDeclined(id, 1)),
    userId.map((id) => applicationWithdrawn(id, 1)),
    userId.map((id) => applicationExpired(id, 1, AT)),
    fc.tuple(userId, userId).map(([by, id]) => invited(by, { [id]: 1 }, AT)),
    userId.map((id) => invitationAccepted(id, 1, 'u1')),
    userId.map((id) => invitationDeclined(id, 1, 'u1')),
    userId.map((id) => invitationWithdrawn({ [id]: 1 })),
    userId.map((id) => invitationExpired({ [id]: 1 }, AT)),
    fc.nat(3).map((key) => joinKeyChanged(key)),
    fc.constantFrom('a', 'b').map((key) => attributesSet({ [key]: 'x' }, ['c'])),
    fc.constant(dismissed('requested')),
    fc.constant({ type: 'somethingNew', data: {} } as unknown as GroupEvent),
  );
  fc.assert(
    fc.property(fc.array(anEvent, { maxLength: 30 }), (events) => {
      const state = stateAfter(events);
      expect(weigh(state)).toBeGreaterThan(0);
      expect(unpackState(packed(state))).toEqual(state);
    }),
    { numRuns: 1_000 },
  );
});

test('events stay within their bounds for any ids', () => {
  const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }).filter((s) => [...s].length <= 64);
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 1_200, size: 'max' }), (ids) => {
      const create = command('createOrJoin', { userIds: ids, capacity: 3_000 });
      const made = eventsOf(decide(create, initialState, context));
      const gone = eventsOf(decide(command('leaveMany', { userIds: ids.slice(1) }), stateAfter(made), context));
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
