import type { Slice } from './slice';

/** How far a live group may be used. */
export interface Lifecycle {
  /** Nothing but `enable` and `dismiss` changes the group. */
  readonly disabled: boolean;
}

export const lifecycle: Slice<Lifecycle, Lifecycle> = {
  version: 1,
  initial: { disabled: false },
  evolve: {
    disabled: () => ({ disabled: true }),
    enabled: () => ({ disabled: false }),
  },
  pack: (state) => [state],
  unpack: (_state, part) => part,
  weigh: () => 0,
};
