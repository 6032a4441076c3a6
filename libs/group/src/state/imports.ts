import type { Slice } from './slice';

/** How far the import of a group is, from a place outside. */
export interface Imports {
  /** None: the group wasn't imported. Running: nobody sees the group yet. */
  readonly status: 'none' | 'running' | 'done';
  readonly importId: string;
  /** Number of the next chunk. */
  readonly next: number;
}

export const imports: Slice<Imports, Imports> = {
  version: 1,
  initial: { status: 'none', importId: '', next: 0 },
  evolve: {
    importStarted: (_state, { importId }) => ({ status: 'running', importId, next: 0 }),
    membersImported: (state, { chunk }) => ({ ...state, next: chunk + 1 }),
    importCompleted: (state) => ({ ...state, status: 'done' }),
  },
  pack: (state) => (state.status === 'none' ? [] : [state]),
  unpack: (_state, part) => part,
  weigh: () => 0,
};
