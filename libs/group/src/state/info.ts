import type { Slice } from './slice';

/** What the group is called, and its texts. */
export interface Info {
  readonly name: string;
  readonly description: string;
  readonly avatar: string;
  readonly ext: string;
  /** The group's number, unique in its app. */
  readonly numericId: string;
}

export const info: Slice<Info, Info> = {
  version: 1,
  initial: { name: '', description: '', avatar: '', ext: '', numericId: '' },
  evolve: {
    created: (_state, { name, numericId, description = '', avatar = '', ext = '' }) => ({
      name,
      numericId,
      description,
      avatar,
      ext,
    }),
    infoChanged: (state, { name, description, avatar, ext }) => ({
      ...state,
      name: name ?? state.name,
      description: description ?? state.description,
      avatar: avatar ?? state.avatar,
      ext: ext ?? state.ext,
    }),
  },
  pack: (state) => [state],
  unpack: (_state, part) => part,
  weigh: ({ name, description, avatar, ext }) => 2 * (name.length + description.length + avatar.length + ext.length),
};
