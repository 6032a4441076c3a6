import { blankGroup, dismissedGroup, noGroup, SLICES, type GroupStateOf } from './state';
import type { Slices } from './state/slice';

/** Largest JSON of one part, in bytes: with its envelope it stays within a snapshot's chunk of 512 KiB. */
export const MAX_PART_BYTES = 480 * 1024;

/** A piece of a packed state, as JSON: parts of slices, in order. */
export interface PackedPart {
  readonly kind: 'slices';
  readonly status: GroupStateOf<Slices>['status'];
  readonly parts: readonly (readonly [slice: string, part: unknown])[];
}

/** The version of each slice, by its name. */
export type SliceVersions = Readonly<Record<string, number>>;

/** Packs and unpacks states that consist of certain slices. */
export interface Packing<S extends Slices> {
  readonly versions: SliceVersions;
  /**
   * Whether what was packed with these versions can be unpacked. A slice that is missing is `initial`: the state was
   * packed before the slice existed. A slice that is unknown here, or has another version here, can't be unpacked.
   */
  canUnpack(versions: SliceVersions): boolean;
  /** A state as parts, the JSON of a `PackedPart` each. Each is made when it is asked for, so that a large group doesn't hold up others. */
  pack(state: GroupStateOf<S>): Iterable<string>;
  /** One step of unpacking, as `evolve` is for events: begins with `initialState`, then takes the parts in order. */
  unpackPart(state: GroupStateOf<S>, part: PackedPart): GroupStateOf<S>;
}

export function packingOf<S extends Slices>(slices: S): Packing<S> {
  const entries = Object.entries(slices);
  const known = new Map(entries.map(([name, { version }]) => [name, version]));

  function* pack(state: GroupStateOf<S>): Generator<string> {
    const { status } = state;
    const partOf = (parts: readonly string[]) => `{"kind":"slices","status":"${status}","parts":[${parts.join()}]}`;
    let parts: string[] = [];
    let bytes = 64;
    for (const one of status === 'live' ? partsOf(state) : []) {
      // It is encoded once: the text that is measured is the one that is stored.
      const json = JSON.stringify(one);
      const size = Buffer.byteLength(json) + 1;
      if (parts.length > 0 && bytes + size > MAX_PART_BYTES) {
        yield partOf(parts);
        parts = [];
        bytes = 64;
      }
      parts.push(json);
      bytes += size;
    }
    yield partOf(parts);
  }

  function* partsOf(group: Readonly<Record<string, unknown>>): Generator<[string, unknown]> {
    for (const [name, slice] of entries) for (const part of slice.pack(group[name])) yield [name, part];
  }

  function unpackPart(state: GroupStateOf<S>, { status, parts }: PackedPart): GroupStateOf<S> {
    if (status === 'none') return noGroup;
    if (status === 'dismissed') return dismissedGroup;
    const group: Record<string, unknown> = { ...(state.status === 'live' ? state : blankGroup(slices)) };
    for (const [name, part] of parts) {
      const slice = slices[name];
      if (slice === undefined) throw new Error(`A packed group has the unknown slice ${name}.`);
      group[name] = slice.unpack(group[name], part);
    }
    return group as GroupStateOf<S>;
  }

  return {
    versions: Object.fromEntries(known),
    canUnpack: (packed) => Object.entries(packed).every(([name, version]) => known.get(name) === version),
    pack,
    unpackPart,
  };
}

export const packing = packingOf(SLICES);
