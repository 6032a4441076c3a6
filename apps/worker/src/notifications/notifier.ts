import {
  actorAttributes,
  cloudEventHeaders,
  CohortError,
  FEED_STREAM,
  groupStream,
  notificationId,
  notifySubject,
  PAGE,
  readStored,
  type Notification,
} from '@cohort/contracts';
import type { Bus, Delivery, JetStream } from '@cohort/bus';
import type { CohortClient } from '@cohort/client';
import type { EventStoreLog } from '@cohort/event-store';
import type { SetAside } from '@cohort/process';
import { DutyLoop } from '../duty/duty-loop';
import { publishedEvent } from '../relay/cloud-event';
import { notificationsOf, type FeedEvent } from './notifications-of';
import type { Asked } from './rule';

/** How the notifier works, as its loop needs it. */
const LOOP = { duty: 'notifications', pauses: { first: 200, longest: 2_000 }, stopWithinMs: 2_000 } as const;
/** The durable consumer of the feed that all workers share. */
const DURABLE = 'notifications';
/** Older events notify nobody: those of a feed that is filled again, or of a log that had no worker. */
const OLDEST_MS = 24 * 3_600_000;
/** After it, an event whose notifications failed is delivered again. */
const REDELIVER_MS = 2_000;
const QUERY_TIMEOUT_MS = 5_000;
const BUSY_LOOK_MS = 50;
/** The failure in a row that is logged. On a new broker the first ones mean only that the relay is making the stream. */
const LOGGED_FAILURE = 4;

/** Nobody is notified then: the tenant is no longer configured, the group has ended, or its data were erased or are damaged. */
const NOBODY_KNOWS: ReadonlySet<string> = new Set([
  'APP_NOT_FOUND',
  'GROUP_NOT_FOUND',
  'GROUP_DISMISSED',
  'DATA_ERASED',
  'DATA_DAMAGED',
]);

export interface NotifierOptions {
  readonly jetStream: JetStream;
  readonly bus: Pick<Bus, 'publishWithHeaders'>;
  readonly client: Pick<CohortClient, 'query'>;
  readonly log: EventStoreLog;
  readonly setAside: Pick<SetAside, 'add'>;
  /** Whether this process has more urgent work. */
  isBusy(): boolean;
  onNotified(kind: Notification['kind']): void;
}

/**
 * Publishes notifications to users for the events of the feed. An event is acknowledged after its notifications are
 * published: a worker that dies between the two publishes them again, with the same ids, and none is lost.
 */
export class Notifier extends DutyLoop {
  constructor(private readonly options: NotifierOptions) {
    super({ ...LOOP, log: options.log });
  }

  protected override async run(): Promise<void> {
    await this.options.jetStream.deliveries(FEED_STREAM, DURABLE, {
      signal: this.signal,
      onReady: () => this.goesOn(),
      whenFree: () => this.whenFree(),
      // Not awaited: an event that needs a query doesn't hold up the others.
      onDelivery: (delivery) => void this.handle(delivery),
    });
  }

  protected override isWorthLogging(_why: string, failures: number): boolean {
    return failures === LOGGED_FAILURE;
  }

  private async whenFree(): Promise<void> {
    while (!this.signal.aborted && this.options.isBusy()) await this.pause(BUSY_LOOK_MS);
  }

  private async handle(delivery: Delivery): Promise<void> {
    try {
      const event = this.feedEvent(delivery);
      if (event && Date.now() - Date.parse(event.at) < OLDEST_MS) {
        for (const notification of await notificationsOf(event, (of) => this.askAbout(of))) {
          this.publish(notification, event);
        }
      }
      delivery.ack();
    } catch (err) {
      this.options.log.warn({ err }, "an event's notifications could not be published: retrying");
      delivery.retry(REDELIVER_MS);
    }
  }

  /**
   * The event of a message of the feed, in its newest version. Undefined for a message that no relay published, for an event of
   * an import or of a newer version, and for one that is set aside.
   */
  private feedEvent(delivery: Delivery): FeedEvent | undefined {
    const published = publishedEvent(delivery);
    // An import has many large events, and nobody is notified of them: their data isn't even decoded.
    if (published === undefined || published.imported) return undefined;
    const { app, groupId, type, position, at, actor } = published;
    const version = delivery.header('ce-schemaversion');
    const stored = {
      stream: groupStream(app, groupId),
      revision: Number(published.revision),
      position,
      type,
      data: dataOf(delivery),
      metadata: { at, actor, ...(version ? { schemaVersion: Number(version) } : {}) },
    };
    const reading = readStored(stored);
    if (reading.kind === 'strange') this.options.setAside.add('notifications', stored, reading.why);
    return reading.kind === 'usable' ? { ...published, data: reading.event.data } : undefined;
  }

  private publish(notification: Notification, { position, store }: FeedEvent): void {
    const { app, userId, kind, groupId, at, revision, eventId, actor } = notification;
    const headers = cloudEventHeaders({
      specversion: '1.0',
      id: notificationId(eventId, userId, kind),
      source: `/cohort/apps/${app}`,
      type: `group.v1.notify.${kind}`,
      subject: groupId,
      time: at,
      datacontenttype: 'application/json',
      revision,
      position,
      store,
      schemaversion: '1',
      ...actorAttributes(actor),
    });
    this.options.bus.publishWithHeaders(notifySubject(app, userId, kind), JSON.stringify(notification), headers);
    this.options.onNotified(kind);
  }

  private askAbout({ app, groupId, position }: FeedEvent): Asked {
    const { client } = this.options;
    const of = { app, groupId, after: position };
    const options = { timeoutMs: QUERY_TIMEOUT_MS };
    return {
      // The read model keeps the owner of a dismissed group.
      owner: async () => (await unlessUnknown(client.query('group', of, options)))?.owner,
      admins: async () => {
        const roles = ['owner', 'admin'] as const;
        const lists = await Promise.all(
          roles.map((role) => unlessUnknown(client.query('members', { ...of, role, limit: PAGE.maxLimit }, options))),
        );
        return lists.flatMap((list) => list?.members.map(({ userId }) => userId) ?? []);
      },
    };
  }
}

/** The answer; undefined if the group or its tenant is gone. */
async function unlessUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CohortError && NOBODY_KNOWS.has(error.code)) return undefined;
    throw error;
  }
}

/** The data of a message; undefined if they aren't JSON. */
function dataOf(delivery: Delivery): unknown {
  try {
    return delivery.json();
  } catch {
    return undefined;
  }
}
