import { setTimeout as sleep } from 'node:timers/promises';
import {
  actorAttributes,
  cloudEventHeaders,
  CohortError,
  FEED_STREAM,
  notificationId,
  notifySubject,
  type Notification,
} from '@cohort/contracts';
import type { Bus, Delivery, JetStream } from '@cohort/bus';
import type { CohortClient } from '@cohort/client';
import type { EventStoreLog } from '@cohort/event-store';
import { publishedEvent } from '../relay/cloud-event';
import { notificationsOf, type FeedEvent } from './recipients';

/** The durable consumer of the feed that all workers share. */
const DURABLE = 'notifications';
/** Nobody wants to hear older news: those of a feed that is filled again, or of a log that had no worker. */
const OLDEST_MS = 24 * 3_600_000;
const RETRY_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;
const STOP_WITHIN_MS = 2_000;
const QUERY_TIMEOUT_MS = 5_000;
const BUSY_LOOK_MS = 50;

export interface NotifierOptions {
  readonly jetStream: JetStream;
  readonly bus: Pick<Bus, 'publishWithHeaders'>;
  readonly client: Pick<CohortClient, 'query'>;
  readonly log: EventStoreLog;
  /** Whether something more urgent is at work in this process. */
  isBusy(): boolean;
  onNotified(kind: Notification['kind']): void;
}

/** Failures in a row, the pauses between them doubling, before the log says so. */
const WORTH_A_WORD = 4;

/**
 * Tells users of what concerns them, from the feed: an event is acknowledged after its notifications are published, so
 * that a worker that dies tells them again (with the same ids) and none is lost.
 */
export class Notifier {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private trouble: string | undefined = 'starting';

  constructor(private readonly options: NotifierOptions) {}

  /** Why nobody is notified now; undefined when all goes well. */
  get why(): string | undefined {
    return this.trouble;
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.race([this.running, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    const { jetStream, log } = this.options;
    const { signal } = this.stopping;
    let failures = 0;
    for (let pause = 200; !signal.aborted; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        await jetStream.deliveries(FEED_STREAM, DURABLE, {
          signal,
          onReady: () => {
            this.trouble = undefined;
            failures = 0;
            pause = 200;
          },
          whenFree: () => this.whenFree(),
          // Those that need a query don't hold up the others.
          onDelivery: (delivery) => void this.handle(delivery),
        });
      } catch (error) {
        const { message } = error as Error;
        this.trouble = message;
        failures += 1;
        // On a new broker the relay is making the stream just now: not worth a word.
        if (failures === WORTH_A_WORD) log.warn({ why: message }, 'nobody is notified: it is tried again');
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  private async whenFree(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && this.options.isBusy()) {
      await sleep(BUSY_LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async handle(delivery: Delivery): Promise<void> {
    try {
      const event = feedEvent(delivery);
      if (event && Date.now() - Date.parse(event.at) < OLDEST_MS) {
        for (const notification of await notificationsOf(event, (of) => this.ownerOf(of))) {
          this.publish(notification, event);
        }
      }
      delivery.ack();
    } catch (err) {
      this.options.log.warn({ err }, 'an event could not be told yet: it is tried again');
      delivery.retry(RETRY_MS);
    }
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

  /** The owner of a dismissed group, as the read model keeps it. */
  private async ownerOf({ app, groupId, position }: FeedEvent): Promise<string | undefined> {
    try {
      const asked = { app, groupId, after: position };
      return (await this.options.client.query('group', asked, { timeoutMs: QUERY_TIMEOUT_MS })).owner;
    } catch (error) {
      // An app that is no longer configured has nobody to be told.
      if (error instanceof CohortError && (error.code === 'APP_NOT_FOUND' || error.code === 'GROUP_NOT_FOUND')) return;
      throw error;
    }
  }
}

/** The event of a message of the feed; undefined for a message that no relay published. */
function feedEvent(delivery: Delivery): FeedEvent | undefined {
  const published = publishedEvent(delivery);
  return published && { ...published, data: delivery.json() };
}
