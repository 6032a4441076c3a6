import type { ErrorBody, GroupCommand, GroupEvent, UserResult } from '@cohort/contracts';
import { decide } from '../decide';
import type { DecideContext, Decision } from '../decision';
import { evolve } from '../evolve';
import { unpackPart, type PackedPart } from '../packing';
import { initialState, type GroupState } from '../state';

export const context: DecideContext = { numericId: '4503599627370496', ownerPolicy: 'refuse', groupCapacity: 10 };

export const stateAfter = (events: readonly GroupEvent[], from: GroupState = initialState): GroupState =>
  events.reduce(evolve, from);

/** The state that was packed. */
export const unpackState = (parts: Iterable<PackedPart>): GroupState => [...parts].reduce(unpackPart, initialState);

/** `given(events).when(command).then(events)`: what a specification of the domain reads like. */
export function given(...events: readonly GroupEvent[]) {
  const state = stateAfter(events);
  return {
    when: (command: GroupCommand, over: Partial<DecideContext> = {}) =>
      outcome(decide(command, state, { ...context, ...over })),
  };
}

function outcome(decision: Decision) {
  return {
    /** Accepted, with exactly these events, and these results if the command has any. */
    then: (events: readonly GroupEvent[], results?: readonly UserResult[]) =>
      expect(decision).toEqual({ ok: true, events, ...(results === undefined ? {} : { results }) }),
    /** Refused with this code and, when given, these details; the message is a sentence. */
    refused: (code: ErrorBody['code'], details?: ErrorBody['details']) =>
      expect(decision).toEqual({
        ok: false,
        error: { code, message: expect.stringMatching(/\w/) as string, ...(details === undefined ? {} : { details }) },
      }),
  };
}
