import {
  joinCodeSecret,
  TENANT_DEFAULTS,
  type ErrorBody,
  type FileResult,
  type GroupCommand,
  type GroupEvent,
  type Role,
  type UserResult,
} from '@cohort/contracts';
import { decide } from '../decide';
import type { DecideContext, Decision } from '../decision';
import { evolve } from '../evolve';
import { packing, type PackedPart } from '../packing';
import { initialState, roleOf, type GroupState } from '../state';

/** The time at which commands of the tests are decided. */
export const AT = Date.parse('2030-01-01T00:00:00.000Z');

/** The secret with which the tenant of tests signs join codes. */
export const CODE_SECRET = joinCodeSecret(new Uint8Array(32));

export const context: DecideContext = {
  joinCodeSecret: CODE_SECRET,
  at: AT,
  numericId: '4503599627370496',
  ...TENANT_DEFAULTS,
  groupCapacity: 10,
};

export const stateAfter = (events: readonly GroupEvent[], from: GroupState = initialState): GroupState =>
  events.reduce(evolve, from);

/** The parts of a state. */
export const packed = (state: GroupState): PackedPart[] =>
  [...packing.pack(state)].map((json) => JSON.parse(json) as PackedPart);

/** The state that was packed. */
export const unpackState = (parts: Iterable<PackedPart>): GroupState =>
  [...parts].reduce<GroupState>((state, part) => packing.unpackPart(state, part), initialState);

/** Members in the order of joining, with their roles; none if the group isn't live. */
export function membersOf(state: GroupState): { userId: string; role: Role }[] {
  if (state.status !== 'live') return [];
  const inOrder = [...state.membership.members].sort(([, a], [, b]) => a - b);
  return inOrder.map(([userId]) => ({ userId, role: roleOf(state, userId) ?? 'member' }));
}

/** `given(events).when(command).then(events)`: how a test of a decider reads. */
export function given(...events: readonly GroupEvent[]) {
  const state = stateAfter(events);
  return {
    /** The outcome of the command, in the usual context but for what is given. */
    when: (command: GroupCommand, over: Partial<DecideContext> = {}) =>
      outcome(decide(command, state, { ...context, ...over })),
  };
}

function outcome(decision: Decision) {
  return {
    /** Accepted, with exactly these events, and these results if the command has any. */
    then: (events: readonly GroupEvent[], results?: readonly UserResult[]) =>
      expect(decision).toEqual({ ok: true, events, ...(results === undefined ? {} : { results }) }),
    /** Accepted, with these events, which make the thing with this id. */
    thenMakes: (made: string, events: readonly GroupEvent[]) => expect(decision).toEqual({ ok: true, events, made }),
    /** Accepted, with these events, and these results for files. */
    thenForFiles: (events: readonly GroupEvent[], fileResults: readonly FileResult[]) =>
      expect(decision).toEqual({ ok: true, events, fileResults }),
    /** Refused with this code and, when given, these details; the message is a sentence. */
    refused: (code: ErrorBody['code'], details?: ErrorBody['details']) =>
      expect(decision).toEqual({
        ok: false,
        error: { code, message: expect.stringMatching(/\w/) as string, ...(details === undefined ? {} : { details }) },
      }),
  };
}
