/** What a group is and may become: state, `decide`, `evolve`. No framework, no I/O, no clock. */
export { decide } from './decide';
export { distinct, resultsOf, type DecideContext, type Decision } from './decision';
export { evolve } from './evolve';
export { MAX_PART_BYTES, packState, unpackPart, type PackedPart } from './packing';
export {
  GROUP_STATE_VERSION,
  initialState,
  roleOf,
  weigh,
  type GroupState,
  type LiveGroup,
  type Member,
} from './state';
