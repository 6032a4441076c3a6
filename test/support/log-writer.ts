import { v7 } from 'uuid';
import {
  eventId,
  groupStream,
  userStream,
  type Actor,
  type EventMetadata,
  type GroupEvent,
  type UserEvent,
} from '@cohort/contracts';
import { newestVersion, service } from '@cohort/contracts/testing';
import type { Appended, EventStore, NewEvent } from '@cohort/event-store';

const APP = 'demo';

/** Appends events of the demo tenant at the end of their streams, as a command process would. */
export class LogWriter {
  private readonly revisions = new Map<string, number>();

  /** @param actor who acts unless `append` names another */
  constructor(
    private readonly store: Pick<EventStore, 'append'>,
    private readonly actor: Actor = service,
  ) {}

  group(groupId: string, ...events: readonly (GroupEvent | { type: string; data: object })[]): Promise<Appended> {
    return this.append(groupStream(APP, groupId), events);
  }

  user(userId: string, ...events: readonly UserEvent[]): Promise<Appended> {
    return this.append(userStream(APP, userId), events);
  }

  /** Appends the events of one command. */
  async append(
    stream: string,
    events: readonly { type: string; data: object }[],
    actor: Actor = this.actor,
  ): Promise<Appended> {
    const commandId = v7();
    const commandHash = '0123456789abcdef';
    const at = new Date().toISOString();
    const written = events.map(({ type, data }, index): NewEvent => {
      const metadata: EventMetadata = {
        $correlationId: commandId,
        $causationId: commandId,
        app: APP,
        actor,
        commandId,
        commandHash,
        at,
        schemaVersion: newestVersion(type),
        batch: { index, size: events.length },
      };
      return { id: eventId({ stream, index, ...metadata }), type, data, metadata };
    });
    const appended = await this.store.append(stream, written, this.revisions.get(stream) ?? 'none');
    this.revisions.set(stream, appended.revision);
    return appended;
  }
}
