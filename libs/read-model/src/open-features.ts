import type { Position, QueryAnswers, QueryData, QueryName } from '@cohort/contracts';
import { AfterCommit } from './after-commit';
import type { Connection } from './database';
import { byName, EventHandlers, type EventVersions } from './event-handlers';
import type { ReadFeature } from './feature';
import type { HotCheck } from './hot';
import { Lists } from './list';
import type { Lookups, TableQueries } from './registry';
import { ExpiryTable } from './tables/expiries';
import { GapReader } from './tables/gaps';
import { GroupReader } from './tables/group-reader';
import { GroupTable } from './tables/groups';
import { Standings } from './standings';
import { MemberTable } from './tables/members';
import { TextKeyTable, TextReader } from './tables/text-keys';
import { UnusableTable } from './tables/unusable';

/** A query that is answered after its check alone. */
export interface HotQuery<N extends QueryName = QueryName> {
  readonly check: HotCheck<QueryData<N>>;
  readonly answer: (query: QueryData<N>) => QueryAnswers[N];
}

export interface OpenSettings {
  readonly store: string;
  readonly features: readonly ReadFeature[];
  readonly events: EventVersions;
  readonly keptChanges: number;
  readonly position: () => Position;
  readonly now?: () => number;
}

/** The two sides of a read model, with all its features on them. */
export function openFeatures(writer: Connection, reader: Connection, settings: OpenSettings) {
  const { store, features, events, keptChanges, position, now = Date.now } = settings;
  const afterCommit = new AfterCommit();
  const groupTable = new GroupTable(writer);
  const groups = new GroupReader(reader);
  const members = new MemberTable(writer);
  const gaps = new GapReader(reader, store);
  const sides = {
    write: { connection: writer, groups: groupTable, members, expiries: new ExpiryTable(writer, members), afterCommit },
    read: {
      connection: reader,
      groups,
      lists: new Lists(store, gaps, groups, position),
      texts: new TextReader(reader),
      now,
    },
    keptChanges,
  };
  const open = features.map((feature) => feature.open(sides));
  const queries = byName('queries', open);
  const hot = new Map<string, HotQuery>();
  for (const [name, check] of features.flatMap((feature) => Object.entries(feature.hot ?? {}))) {
    const answer = queries.get(name);
    if (answer === undefined) throw new Error(`No feature of the read model answers the hot query "${name}".`);
    hot.set(name, { check, answer } as HotQuery);
  }
  const handlers = new EventHandlers(open, events);
  return {
    groupTable,
    textKeys: new TextKeyTable(writer, afterCommit),
    afterCommit,
    handlers,
    standings: new Standings(new UnusableTable(writer), groupTable, members, handlers),
    groups,
    gaps,
    // The types are those of the registry's features; a test that opens others knows which.
    queries: Object.fromEntries(queries) as unknown as TableQueries,
    lookups: Object.fromEntries(byName('lookups', open)) as unknown as Lookups,
    hot: hot as ReadonlyMap<string, HotQuery>,
  };
}
