import { IdMap } from './id-map';
import { portionsBySize, type Slice } from './slice';

/** What decisions need of a shared file. */
export interface SharedFile {
  readonly name: string;
  readonly uploader: string;
}

/** Which files a group has. */
export interface Files {
  /** The number of the newest one that was ever shared. */
  readonly last: number;
  /** By id, those that weren't removed. */
  readonly files: IdMap<SharedFile>;
}

export type FilesPart = Pick<Files, 'last'> | { readonly files: readonly (readonly [string, SharedFile])[] };

const FILE_BYTES = 512;

export const files: Slice<Files, FilesPart> = {
  version: 1,
  initial: { last: 0, files: IdMap.empty() },
  evolve: {
    fileShared: ({ last, files }, { fileId, name, uploader }) => ({
      last: Math.max(last, Number(fileId)),
      files: files.with((map) => map.set(fileId, { name, uploader })),
    }),
    fileRenamed: (state, { fileId, name }) => {
      const file = state.files.get(fileId);
      return file === undefined
        ? state
        : { ...state, files: state.files.with((map) => map.set(fileId, { ...file, name })) };
    },
    fileRemoved: (state, { files }) => ({ ...state, files: state.files.without(files.map(({ fileId }) => fileId)) }),
  },
  *pack({ last, files }) {
    if (last > 0) yield { last };
    for (const portion of portionsBySize(files)) yield { files: portion };
  },
  unpack: (state, part) => ('last' in part ? { ...state, ...part } : withFiles(state, part.files)),
  weigh: ({ files }) => FILE_BYTES * files.size,
};

const withFiles = (state: Files, entries: readonly (readonly [string, SharedFile])[]): Files => ({
  ...state,
  files: state.files.with((map) => {
    for (const [fileId, file] of entries) map.set(fileId, file);
  }),
});
