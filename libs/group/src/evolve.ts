import type { GroupEvent, GroupEventType } from '@cohort/contracts';
import { blankGroup, dismissedGroup, SLICES, type GroupStateOf, type LiveGroupOf } from './state';
import { TAKING_MEMBERS } from './state/membership';
import type { Slices } from './state/slice';

/**
 * Makes `evolve`, which returns the state after an event. It accepts all events in any order and never throws. An event
 * that doesn't apply to the state changes nothing. Costs O(members the event names).
 */
export function evolveWith<S extends Slices>(
  slices: S,
): (state: GroupStateOf<S>, event: GroupEvent) => GroupStateOf<S> {
  const steps = stepsByType(slices);
  const blank = blankGroup(slices);

  function changed(group: LiveGroupOf<S>, { type, data }: GroupEvent): LiveGroupOf<S> {
    const before: Readonly<Record<string, unknown>> = group;
    let after: Record<string, unknown> | undefined;
    for (const { name, evolve } of steps.get(type) ?? []) {
      const slice = (after ?? before)[name];
      const next = evolve(slice, data, before);
      if (next === slice) continue;
      after ??= { ...before };
      after[name] = next;
    }
    return (after ?? before) as LiveGroupOf<S>;
  }

  return (state, event) => {
    if (event.type === 'created') return state.status === 'none' ? changed(blank, event) : state;
    if (state.status !== 'live') return state;
    return event.type === 'dismissed' ? dismissedGroup : changed(state, event);
  };
}

interface Step {
  readonly name: string;
  readonly evolve: (slice: unknown, data: GroupEvent['data'], group: unknown) => unknown;
}

/** What each type of event does to which slices, in order: first they react to members that go. */
export function stepsByType(slices: Slices): ReadonlyMap<string, readonly Step[]> {
  const steps = new Map<string, Step[]>();
  const add = (type: string, step: Step) => steps.set(type, [...(steps.get(type) ?? []), step]);
  for (const [name, slice] of Object.entries(slices)) {
    const react: Step['evolve'] = (state, data) =>
      slice.whenMembersGo && 'members' in data ? slice.whenMembersGo(state, data.members) : state;
    if (slice.whenMembersGo) for (const type of TAKING_MEMBERS) add(type, { name, evolve: react });
  }
  for (const [name, slice] of Object.entries(slices)) {
    for (const [type, evolve] of Object.entries(slice.evolve) as [GroupEventType, Step['evolve']][]) {
      add(type, { name, evolve });
    }
  }
  return steps;
}

export const evolve = evolveWith(SLICES);
