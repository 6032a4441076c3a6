import type { EventMember, GroupEventData, GroupEventType } from '@cohort/contracts';

/** Largest JSON of one part that a slice packs, in bytes: with what packing adds, it fits into a chunk. */
export const MAX_SLICE_PART_BYTES = 470 * 1024;

/**
 * What one feature keeps of a live group, as decisions need it: no times, no history. A slice is immutable, and its
 * functions never throw, but for `unpack`.
 */
export interface Slice<State, Part = unknown, Group = unknown> {
  /**
   * Raised whenever `evolve` means something else or the packed form changes: a snapshot with another version of the
   * slice is not used.
   */
  readonly version: number;
  /**
   * The slice of a group without events of this feature. Also used for snapshots from before the slice existed. If a new
   * slice evolves by older event types, raise the version of another slice, so that these snapshots aren't used.
   */
  readonly initial: State;
  /** By type of event. Costs O(members that the event names). */
  readonly evolve: { readonly [T in GroupEventType]?: Evolve<T, State, Group> };
  /** Called before `evolve` with the members that an event names as gone. */
  whenMembersGo?(state: State, members: readonly EventMember[]): State;
  /** Parts that are JSON of at most `MAX_SLICE_PART_BYTES`, each made when it is asked for. */
  pack(state: State): Iterable<Part>;
  /** One step of unpacking, as `evolve` is for events: begins with `initial`, then takes the parts in order. */
  unpack(state: State, part: Part): State;
  /** About how many bytes of memory the slice takes. O(1). */
  weigh(state: State): number;
}

/** `group` is the whole group before the event. Written as a method, so that slices of any state fit into one list. */
type Evolve<T extends GroupEventType, State, Group> = {
  evolve(this: void, state: State, data: GroupEventData[T], group: Group): State;
}['evolve'];

/** Slices by name. The name is stored in snapshots, so it never changes. */
export type Slices = Readonly<Record<string, Slice<unknown>>>;

/** Splits items so that the JSON of each portion fits into one part. `bytesOf`: the most that an item's JSON has. */
export function* portionsBySize<Item>(items: Iterable<Item>, bytesOf = jsonBytes<Item>): Generator<Item[]> {
  let portion: Item[] = [];
  let bytes = 64;
  for (const item of items) {
    const size = bytesOf(item) + 1;
    if (portion.length > 0 && bytes + size > MAX_SLICE_PART_BYTES) {
      yield portion;
      portion = [];
      bytes = 64;
    }
    portion.push(item);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

const jsonBytes = <Item>(item: Item): number => Buffer.byteLength(JSON.stringify(item));

/** Printable ASCII but for quotes and backslashes: JSON has it as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** A whole number of 16 digits, and the brackets and the comma of a pair. */
const BESIDE_ID = 16 + 3;

/** As `jsonBytes` of an id and a number, at most. There may be a million of them. */
export const idEntryBytes = ([id]: readonly [id: string, number: number]): number =>
  (PLAIN.test(id) ? id.length + 2 : jsonBytes(id)) + BESIDE_ID;
