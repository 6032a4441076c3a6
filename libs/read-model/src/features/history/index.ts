import type { GroupRow } from '../../tables/groups';
import type { ReadFeature } from '../../feature';
import { membersThen } from './members-then';
import { TURNS, TurnTable, turns } from './turns';
import { USER_EVENTS, UserEventTable, userEvents } from './user-events';

/** What was: the events of users, and groups and members as they were at a revision. */
export const history = {
  name: 'history',
  tables: {
    sql: USER_EVENTS.sql + TURNS.sql,
    queryIndexes: USER_EVENTS.queryIndexes,
    order: { ...USER_EVENTS.order, ...TURNS.order },
  },
  open: ({ write, read }) => {
    const ofUsers = new UserEventTable(write.connection);
    const ofGroups = new TurnTable(write.connection);
    return {
      each: (group, event) => {
        ofUsers.add(group, event);
        ofGroups.add(group, event);
      },
      eraseGroup: (group: GroupRow) => {
        ofUsers.erase(group);
        ofGroups.erase(group);
      },
      lookups: { ...userEvents(read), ...turns(read), ...membersThen(read) },
    };
  },
} satisfies ReadFeature;
