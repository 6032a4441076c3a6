import {
  comparePositions,
  PAGE,
  type Position,
  type QueryAnswers,
  type QueryData,
  type QueryName,
} from '@cohort/contracts';
import { Behind } from './behind';
import { decodeCursor, type CursorPlace, type CursorScope } from './cursor';
import { changesPage, FIRST_ROWS, page, type ReadRows } from './pages';
import type { GroupReader, GroupRecord } from './tables/group-reader';
import { SEQS_PER_EVENT } from './tables/places';

/** What every list query may carry. */
interface ListQuery {
  readonly app: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly basis?: string;
  readonly sinceRevision?: string;
  readonly sincePosition?: string;
}

/** The entries of an answer, by the name of their field. */
type EntriesField<N extends QueryName> = {
  [F in keyof QueryAnswers[N]]-?: QueryAnswers[N][F] extends readonly object[] ? F : never;
}[keyof QueryAnswers[N]];
type Entry<N extends QueryName> = QueryAnswers[N][EntriesField<N>] extends readonly (infer E extends object)[]
  ? E
  : never;

type Key = CursorPlace['key'];

/** What a list is asked for: the query, and the group or the position that its answer is of. */
export interface Asked<N extends QueryName, S> {
  readonly query: QueryData<N>;
  readonly at: S;
}

/**
 * A list, declared: where its rows come from and how they are shown. `S`: what it is of. `R`: a row. `C`: a row of what
 * changed in it, which is an `R` unless the entry was removed.
 */
export interface ListDeclaration<N extends QueryName, S, R extends object, C extends object> {
  /** The query's name; cursors carry it. */
  readonly name: N;
  /** Field of the answer that holds the entries. */
  readonly entries: EntriesField<N> & string;
  /** What else the query is asked by, such as a group or a role. A cursor belongs to this. */
  readonly of: (query: QueryData<N>) => readonly string[];
  /** At most `count` rows after a key, which is undefined for the first page; fewer only if no others are left. The rows are found by key, never counted off. */
  readonly rows: (asked: Asked<N, S>, after: Key | undefined, count: number) => readonly R[];
  /** The types of a key's parts. */
  readonly key: CursorScope['key'];
  /** Names a row's place in the order of the list, the same on every node. */
  readonly keyOf: (row: R) => Key;
  readonly view: (row: R) => Entry<N>;
  /** For a list that clients can keep a copy of. */
  readonly mirror?: Mirror<N, S, C>;
}

/** What a client that keeps a copy of the list needs beside its pages. */
export interface Mirror<N extends QueryName, S, C extends object> {
  /** Size of the whole list. */
  readonly total: (asked: Asked<N, S>) => number;
  /** Whether all changes since then are still known. */
  readonly knows: (asked: Asked<N, S>, since: string) => boolean;
  /**
   * At most `count` changes since then, in their order, each entry once. An entry that is no longer in the list is a row
   * that `isRemoved`.
   */
  readonly changes: (asked: Asked<N, S>, since: string, count: number) => readonly C[];
  readonly isRemoved: (change: C) => boolean;
  readonly idOf: (change: C) => string;
  /** Revision or position of the change. A page ends where a step ends, as the next one begins after it. */
  readonly stepOf: (change: C) => string;
}

/** How a list's state at a time is named: by a group's revision, or by a position of the log. */
interface Clock<S> {
  readonly field: 'revision' | 'position';
  /** Field of the query with the state that the client has a copy of. */
  readonly since: 'sinceRevision' | 'sincePosition';
  /** What the list is of, at a state no earlier than one that the client has `seen`; throws `Behind` else. */
  readonly at: (query: never, seen: string | undefined) => S;
  readonly now: (at: S) => string;
}

/** Makes the lists of a read model from their declarations: each is a function from query to answer. */
export class Lists {
  private readonly ofGroups: Clock<GroupRecord>;
  private readonly ofLog: Clock<Position>;

  constructor(
    private readonly store: string,
    private readonly gaps: { readonly basis: string },
    groups: GroupReader,
    position: () => Position,
  ) {
    this.ofGroups = {
      field: 'revision',
      since: 'sinceRevision',
      at: ({ app, groupId }: { app: string; groupId: string }, seen) => groups.live(app, groupId, seen),
      now: (group) => String(group.revision),
    };
    this.ofLog = {
      field: 'position',
      since: 'sincePosition',
      at: (_, seen) => reached(position(), seen),
      now: (at) => at,
    };
  }

  /** A list of one live group, named by the group's revisions. */
  ofGroup<N extends QueryName, R extends object, C extends object = R>(
    declaration: ListDeclaration<N, GroupRecord, R, C>,
  ) {
    return this.list(this.ofGroups, declaration);
  }

  /** A list over several groups, named by positions of the log. */
  overGroups<N extends QueryName, R extends object, C extends object = R>(
    declaration: ListDeclaration<N, Position, R, C>,
  ) {
    return this.list(this.ofLog, declaration);
  }

  private list<N extends QueryName, S, R extends object, C extends object>(
    clock: Clock<S>,
    list: ListDeclaration<N, S, R, C>,
  ) {
    const { mirror } = list;
    return (query: QueryData<N>): QueryAnswers[N] => {
      const asList: ListQuery = query;
      const { app, limit = PAGE.defaultLimit, cursor } = asList;
      const scope: CursorScope = { list: list.name, app, store: this.store, of: list.of(query), key: list.key };
      const place = cursor === undefined ? undefined : decodeCursor(scope, cursor);
      const { basis } = this.gaps;
      const since = mirror !== undefined && asList.basis === basis ? asList[clock.since] : undefined;
      const asked = { query, at: clock.at(query as never, place?.revision ?? since) };
      const now = clock.now(asked.at);

      if (mirror !== undefined && since !== undefined && mirror.knows(asked, since)) {
        const shape = {
          view: (change: C) => (mirror.isRemoved(change) ? undefined : list.view(change as unknown as R)),
          idOf: mirror.idOf,
          stepOf: mirror.stepOf,
        };
        const upToMost = (most: number) => {
          const changes = changesSince(mirror, asked, since, most);
          return changes && changesPage(changes, most, shape, now);
        };
        // A page of large entries is full with few of them, and doesn't read a thousand.
        const few = limit > FIRST_ROWS ? upToMost(FIRST_ROWS) : undefined;
        const part = few?.isFull === true ? few : upToMost(limit);
        if (part !== undefined) {
          const { entries, upTo, isFull: _, ...rest } = part;
          return answer(list.entries, entries, {
            total: mirror.total(asked),
            [clock.field]: upTo,
            basis,
            full: false,
            ...rest,
          });
        }
      }
      const first = place?.revision ?? now;
      const read: ReadRows<R> = (after, count) => list.rows(asked, after, count);
      const { entries, next } = page(scope, read, place?.key, limit, list, first);
      if (mirror === undefined) return answer(list.entries, entries, next);
      return answer(list.entries, entries, {
        total: mirror.total(asked),
        [clock.field]: first,
        basis,
        full: true,
        ...next,
      });
    };
  }
}

/** The declaration names the field, so that this is the answer's type. */
const answer = <N extends QueryName>(field: string, entries: readonly object[], rest: object) =>
  ({ [field]: entries, ...rest }) as unknown as QueryAnswers[N];

/** Entries that one event changes at most, for a page of changes to have it. */
const MAX_STEP = SEQS_PER_EVENT;

/**
 * Returns `limit + 1` changes. If they all belong to one step, returns the whole step and one more change. Returns undefined
 * if the step is too long: one event can end thousands of invitations to a user.
 */
function changesSince<N extends QueryName, S, C extends object>(
  { changes, stepOf }: Mirror<N, S, C>,
  asked: Asked<N, S>,
  since: string,
  limit: number,
): readonly C[] | undefined {
  const isPart = (some: readonly C[], most: number) =>
    some.length > most && stepOf(some[0]!) === stepOf(some[some.length - 1]!);
  const some = changes(asked, since, limit + 1);
  if (!isPart(some, limit)) return some;
  const step = changes(asked, since, MAX_STEP + 1);
  return isPart(step, MAX_STEP) ? undefined : step;
}

/** The position now, which is no earlier than the one that the client has seen. */
function reached(position: Position, seen: Position | undefined): Position {
  if (seen === undefined || comparePositions(seen, position) <= 0) return position;
  throw new Behind(
    { position: seen },
    `This node has applied position ${position}; the query needs ${seen}. Try again.`,
    { position, after: seen },
  );
}

/** The number in a key of one number; -1, before every key, if there is no cursor. */
export const numberIn = (key: Key | undefined): number => Number(key?.[0] ?? -1);
