import type { Type } from '@nestjs/common';
import type { IQueryHandler } from '@nestjs/cqrs';
import { QUERIES, type QueryName } from '@cohort/contracts';
import type { TableQueryName } from '@cohort/read-model';
import { EventsHandler } from './events.handler';
import { StatusHandler } from './status.handler';
import { tableHandler } from './table-handler';
import { UserSyncHandler } from './user-sync.handler';

/** Of the queries that need more than the tables. */
const OTHERS: Readonly<Record<Exclude<QueryName, TableQueryName>, Type<IQueryHandler>>> = {
  events: EventsHandler,
  status: StatusHandler,
  userSync: UserSyncHandler,
};
const isOther = (name: QueryName): name is keyof typeof OTHERS => Object.hasOwn(OTHERS, name);

/** One for each query. */
export const HANDLERS = (Object.keys(QUERIES) as QueryName[]).map((name) =>
  isOther(name) ? OTHERS[name] : tableHandler(name),
);
