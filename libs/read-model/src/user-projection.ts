import { USER_EVENTS, type Owned, type UserEventData, type UserEventType } from '@cohort/contracts';
import type { Connection, Statement } from './database';
import type { LogEvent } from './log-event';

/** Applies events of users' own streams: how far their syncs are. */
export class UserProjection {
  private readonly request: Statement;
  private readonly complete: Statement;

  constructor(connection: Connection) {
    this.request = connection.prepare(`
      INSERT INTO user_syncs (app, user, requested, completed) VALUES (?, ?, ?, -1)
      ON CONFLICT (app, user) DO UPDATE SET requested = excluded.requested`);
    // The request may be gone from the log already: completed ones are truncated.
    this.complete = connection.prepare(`
      INSERT INTO user_syncs (app, user, requested, completed) VALUES (?1, ?2, ?3, ?3)
      ON CONFLICT (app, user) DO UPDATE SET completed = excluded.completed`);
  }

  knows(type: string, version: number): type is UserEventType {
    return Object.hasOwn(USER_EVENTS, type) && version <= USER_EVENTS[type as UserEventType].version;
  }

  apply(event: LogEvent & { type: UserEventType }, { app, id }: Owned): void {
    switch (event.type) {
      case 'syncRequested':
        this.request.run([app, id, event.revision]);
        break;
      case 'syncCompleted':
        this.complete.run([app, id, (event.data as UserEventData['syncCompleted']).sync]);
        break;
      default: {
        const unhandled: never = event.type;
        throw new Error(`no handler for ${String(unhandled)}`);
      }
    }
  }
}
