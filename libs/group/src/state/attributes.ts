import type { Slice } from './slice';

/** The group's attributes by key: at most `LIMITS.attributes`. */
export type Attributes = Readonly<Record<string, string>>;

/** The attributes after keys were set and removed. */
export const attributesAfter = (before: Attributes, set: Attributes, removed: readonly string[]): Attributes =>
  Object.fromEntries([
    ...Object.entries(before).filter(([key]) => !removed.includes(key) && !Object.hasOwn(set, key)),
    ...Object.entries(set),
  ]);

export const attributes: Slice<Attributes, Attributes> = {
  version: 1,
  initial: {},
  evolve: { attributesSet: (state, { set, removed }) => attributesAfter(state, set, removed) },
  pack: (state) => (Object.keys(state).length === 0 ? [] : [state]),
  unpack: (_state, part) => part,
  weigh: (state) => 2 * Object.entries(state).reduce((sum, [key, text]) => sum + key.length + text.length, 0),
};
