import type { Slice } from './slice';

/** The number of the key that the group's join codes need. */
export interface JoinKeys {
  readonly key: number;
}

export const joinKeys: Slice<JoinKeys, JoinKeys> = {
  version: 1,
  initial: { key: 0 },
  evolve: { joinKeyChanged: (_state, { key }) => ({ key }) },
  pack: (state) => (state.key === 0 ? [] : [state]),
  unpack: (_state, part) => part,
  weigh: () => 16,
};
