import type { Type } from '@nestjs/common';
import type { IQueryHandler } from '@nestjs/cqrs';
import { QUERIES, type QueryName } from '@cohort/contracts';
import type { TableQueryName } from '@cohort/read-model';
import { banEverywhere } from './features/ban-everywhere';
import { history } from './features/history';
import { joinKeys } from './features/join-keys';
import { node } from './features/node';
import { numbers } from './features/numbers';
import { userSync } from './features/user-sync';
import { tableHandler } from './table-handler';

/** Handlers of the queries that need more than the tables. */
const OTHERS: Readonly<Record<Exclude<QueryName, TableQueryName>, Type<IQueryHandler>>> = {
  ...banEverywhere,
  ...history,
  ...joinKeys,
  ...node,
  ...numbers,
  ...userSync,
};
const isOther = (name: QueryName): name is keyof typeof OTHERS => Object.hasOwn(OTHERS, name);

/** A handler for each query. */
export const HANDLERS = (Object.keys(QUERIES) as QueryName[]).map((name) =>
  isOther(name) ? OTHERS[name] : tableHandler(name),
);
