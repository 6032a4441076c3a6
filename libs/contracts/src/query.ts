import {
  boundsOf,
  IsAppId,
  IsId,
  IsLine,
  IsPosition,
  IsRevision,
  IsWhole,
  NeedsBeside,
  NotBeside,
  Optional,
  type Class,
  type RequestBounds,
} from './validation';

/** Bounds of pages. */
export const PAGE = { defaultLimit: 100, maxLimit: 1_000, maxGroupIds: 100 } as const;

/** The fields of every query. */
export abstract class Query {
  /** The tenant. On `group.v1.app.<app>.query.<name>` it may be left out: the subject names it. */
  @IsAppId()
  app!: string;

  /**
   * The node answers only once its read model has this position, so that a caller reads its own writes. The wait is
   * bounded; then the answer is `READ_MODEL_BEHIND`.
   */
  @Optional()
  @IsPosition()
  after?: string;
}

/** A query that returns several entries. */
export abstract class LimitedQuery extends Query {
  /**
   * Entries of a page: 1 to 1,000, default 100. A page may have fewer and still have a next page, since an answer is at
   * most 768 KiB. A decimal as a text, such as "10", is read, too.
   */
  @Optional()
  @IsWhole(1, PAGE.maxLimit, { orDecimal: true })
  limit?: number;
}

/** A query for a list that is read in pages. */
export abstract class PagedQuery extends LimitedQuery {
  /** The `cursor` of the page before. Opaque; it belongs to this list, tenant and event store. */
  @Optional()
  @IsLine(1_024, 1)
  cursor?: string;
}

/**
 * A query for a list that a client can keep a copy of: it asks for the changes since an earlier answer (docs/lists.md).
 * `ListPart` describes the answer.
 */
export abstract class MirroredQuery extends PagedQuery {
  /** The `basis` of that earlier answer. */
  @Optional()
  @IsLine(200, 1)
  basis?: string;
}

/** A query for a list of one group that a client can keep a copy of, and that is asked by nothing else. */
export abstract class MirroredOfGroup extends MirroredQuery {
  @IsId()
  groupId!: string;

  /** Entries that changed since the answer with this `revision`. Needs that answer's `basis`. */
  @Optional()
  @IsRevision()
  @NeedsBeside('basis')
  @NotBeside('cursor')
  sinceRevision?: string;
}

/** The end of a page. */
export interface Page {
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/**
 * The part of a list that an answer holds: a page of the whole list, or a page of the changes since an earlier answer. A
 * page of changes has each entry that is new or changed, once, as it is now; the entry that changed longest ago is first.
 *
 * Changes that are no longer known are answered by a page of the whole list (`full: true`). The same happens when `basis`
 * differs from the node's. docs/lists.md describes how long changes are known.
 */
export type ListPart = (WholePage | ChangesPage) & {
  /**
   * What the answer depends on: the event store, and how this version of the service applies its events. Opaque.
   */
  readonly basis: string;
};

interface WholePage extends Page {
  readonly full: true;
  readonly removed?: undefined;
  readonly more?: undefined;
}

interface ChangesPage {
  readonly full: false;
  /** Ids of entries that left the list. Some may never have been in the caller's copy. */
  readonly removed: readonly string[];
  /** Whether there are more changes: ask again, since this answer. */
  readonly more: boolean;
  readonly cursor?: undefined;
}

declare const ANSWER: unique symbol;

/** A field that every answer of a query has, and what it holds: by it, a client knows an answer from another reply. */
export type AnswerField<A> = {
  readonly [K in keyof A & string]: readonly [
    name: K,
    holds: A[K] extends readonly unknown[]
      ? 'list'
      : A[K] extends boolean
        ? 'boolean'
        : A[K] extends number
          ? 'number'
          : 'string',
  ];
}[keyof A & string];

/** A query as its feature declares it. `A` is the type of its answer. */
export interface QueryDeclaration<T extends Query = Query, A = unknown> {
  readonly dto: Class<T>;
  /** The largest message that it takes. */
  readonly bounds: RequestBounds;
  /** Whether a value looks like an answer. */
  readonly isAnswer: (value: object) => boolean;
  readonly [ANSWER]?: A;
}

/** Declares a query. */
export const query = <T extends Query, A>(dto: Class<T>, [name, holds]: AnswerField<A>): QueryDeclaration<T, A> => ({
  dto,
  bounds: boundsOf(dto),
  isAnswer: (value) => {
    const field = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
    return holds === 'list' ? Array.isArray(field) : typeof field === holds;
  },
});

/** The data of a declared query. */
export type DataOfQuery<D> = D extends { readonly dto: Class<infer T extends object> } ? T : never;
/** The answer of a declared query. */
export type AnswerOfQuery<D> = D extends QueryDeclaration<infer _T, infer A> ? A : never;
