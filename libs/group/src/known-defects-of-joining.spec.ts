import * as fc from 'fast-check';
import { DEFAULT_SETTINGS, type GroupCommand, type GroupEvent } from '@cohort/contracts';
import { applied, blocked, created, importStarted, invited, joined } from '@cohort/contracts/testing';
import { decide, evolve } from '.';
import { anyCommand, AT, command, context, exampleOf, given, stateAfter } from './testing';

/** Every way into a group. Users of other services met groups with more members than they may have, and blocked members. */

/** A group of two members with room for one more; `x` has applied and is invited. */
const group = (over: object = {}, settings: object = {}): GroupEvent[] => [
  created('o', {
    capacity: 3,
    settings: { ...DEFAULT_SETTINGS, visibility: 'public', joinPolicy: 'open', ...settings },
    ...over,
  }),
];
const asked = [applied('x', 1, AT + 1_000), invited('o', { x: 1 }, AT + 1_000)];
const withoutConsent = { inviteNeedsConfirm: false };

interface Way {
  readonly before: readonly GroupEvent[];
  readonly command: GroupCommand;
}
const way = (one: GroupCommand, before = [...group(), ...asked]): Way => ({ before, command: one });

/** One command that makes `x` a member, for each command that can make a user a member of a group that exists. */
const WAYS: Readonly<Record<string, Way>> = {
  join: way(exampleOf('join', 'x')),
  addMembers: way(exampleOf('addMembers', 'x')),
  createOrJoin: way(command('createOrJoin', { userIds: ['x'] })),
  apply: way(exampleOf('apply', 'x'), group()),
  handleApplication: way(exampleOf('handleApplication', 'x')),
  invite: way(exampleOf('invite', 'x'), group({}, withoutConsent)),
  handleInvitation: way(exampleOf('handleInvitation', 'x')),
  joinByCode: way(exampleOf('joinByCode', 'x')),
  transfer: way(command('transfer', { newOwner: 'x', addIfMissing: true })),
  importMembers: way(exampleOf('importMembers', 'x'), [...group(), importStarted('i1')]),
};
const ways = Object.entries(WAYS);
const joiningOf = ({ type }: GroupEvent): boolean => type === 'memberJoined' || type === 'membersImported';

test.each(ways)('a group with one place left takes a user by %s, and is full then', (_, { before, command }) => {
  const decision = decide(command, stateAfter([...before, joined('add', 2, 'a')]), context);
  if (!decision.ok) throw new Error(decision.error.code);
  const joining = decision.events.filter(joiningOf);
  expect(joining.map(({ data }) => 'memberCount' in data && data.memberCount)).toEqual([3]);
});

// wildfirechat im-server addGroupMembers: a group had more members than its capacity.
test.each(ways)('a full group refuses another user by %s, and writes nothing', (_, { before, command }) =>
  given(...before, joined('add', 3, 'a', 'b'))
    .when(command)
    .refused('CAPACITY_REACHED', { capacity: 3, wanted: 4 }),
);

test.each(ways.filter(([name]) => name !== 'importMembers'))(
  'a blocked user becomes no member by %s',
  (_, { before, command }) => {
    const decision = decide(command, stateAfter([...before, blocked('x')]), context);
    const code = decision.ok ? decision.results?.map((one) => !one.ok && one.code)[0] : decision.error.code;
    expect(code).toBe('USER_BLOCKED');
    expect(decision.ok ? decision.events : []).toEqual([]);
  },
);

test('no other command makes a user a member of a group that exists', () => {
  const joining = new Set<string>();
  const steps = fc.array(anyCommand, { maxLength: 40, size: 'max' });
  const starts = [group({ capacity: 9 }), [...group({ capacity: 9 }), importStarted('i1')]].map((one) =>
    stateAfter(one),
  );
  fc.assert(
    fc.property(fc.constantFrom(...starts), steps, (start, way) => {
      let state = start;
      for (const one of way) {
        const decision = decide(one, state, context);
        if (!decision.ok) continue;
        if (decision.events.some(joiningOf)) joining.add(one.type);
        state = decision.events.reduce(evolve, state);
      }
    }),
    { numRuns: 400 },
  );
  expect(joining.size).toBeGreaterThan(5);
  expect([...joining].filter((name) => !Object.hasOwn(WAYS, name))).toEqual([]);
});
