/** What a group is and may become: state, `decide`, `evolve`. No framework, no I/O, no clock. */
export { decide } from './decide';
export { distinct, resultsOf, type Accepted, type DecideContext, type Decision, type GroupCounts } from './decision';
export { evolve } from './evolve';
export { mustBeKnown } from './known-users';
export { mustFitUser } from './group-limits';
export { mayMakeGroup, usersToCount, usersToKnow } from './named-users';
export { MAX_PART_BYTES, packing, packingOf, type PackedPart, type Packing, type SliceVersions } from './packing';
export { FORM_1_VERSIONS, fromForm1, type Form1Part } from './packing-form-1';
export { initialState, roleOf, SLICES, weigh, type GroupState, type GroupStateOf, type LiveGroup } from './state';
export type { Slice, Slices } from './state/slice';
