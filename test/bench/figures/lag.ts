import { NO_STREAM, streamNameFilter } from '@eventstore/db-client';
import { decodeHeader, FEED_STREAM, FEED_SUBJECTS } from '@cohort/contracts';
import { consumerOpts } from 'nats';
import { followAll } from '../follow-all';
import type { Figure } from '../report';
import { openLoop, quantile } from '../load';
import type { Bench } from '../bench';
import { APP } from '../service';
import { aCreatedEvent } from './commands';

const PER_SECOND = 1_000;
const PREFIX = `${APP}-lag-`;

/**
 * How long after a command was sent a query sees it and the feed has it, beside how long after a bare append was sent a
 * bare subscriber has it. The command's own way is in it.
 */
export async function lag(bench: Bench): Promise<Figure[]> {
  const raw = await appendToSubscription(bench);
  const { visible, inFeed } = await commandToFollowers(bench);
  const figures = (what: string, latencies: readonly number[]): Figure[] => [
    {
      figure: `command sent to ${what} at ${PER_SECOND}/s: p50`,
      unit: 'ms',
      cohort: quantile(latencies, 0.5),
      beside: { what: 'bare append to subscriber', value: quantile(raw, 0.5) },
    },
    {
      figure: `command sent to ${what} at ${PER_SECOND}/s: p99`,
      unit: 'ms',
      cohort: quantile(latencies, 0.99),
      beside: { what: 'bare append to subscriber', value: quantile(raw, 0.99) },
      wanted: { atMost: 5 },
    },
  ];
  return [...figures('visible in a query', visible), ...figures('on the feed', inFeed)];
}

async function appendToSubscription({ service, window }: Bench): Promise<readonly number[]> {
  const event = await aCreatedEvent(service);
  const arrived = new Map<string, () => void>();
  const followed = await followAll(service.store, {
    filter: streamNameFilter({ prefixes: [PREFIX] }),
    onEvent: ({ event: arrivedEvent }) => arrived.get(arrivedEvent?.streamId ?? '')?.(),
  });
  const { latencies } = await openLoop(
    async (i) => {
      const stream = `${PREFIX}${i}`;
      const received = new Promise<void>((resolve) => arrived.set(stream, resolve));
      await service.store.appendToStream(stream, event(), { expectedRevision: NO_STREAM });
      await received;
      arrived.delete(stream);
    },
    PER_SECOND,
    window,
  );
  await followed.stop();
  return latencies;
}

async function commandToFollowers({ service, window }: Bench) {
  const arrived = new Map<string, () => void>();
  const options = consumerOpts();
  options.orderedConsumer();
  options.deliverNew();
  options.bindStream(FEED_STREAM);
  options.callback((_error, message) => {
    if (message) arrived.get(decodeHeader(message.headers?.get('ce-subject') ?? ''))?.();
  });
  const feed = await service.connection.jetstream().subscribe(FEED_SUBJECTS, options);
  const [visible, inFeed]: [number[], number[]] = [[], []];
  await openLoop(
    async (i) => {
      const groupId = `lag-${i}`;
      const start = performance.now();
      const onFeed = new Promise<void>((resolve) => arrived.set(groupId, resolve)).then(() =>
        inFeed.push(performance.now() - start),
      );
      const { position } = await service.create({ groupId, name: 'A group like others', owner: 'user-1' });
      await service.query('isMember', { groupId, userId: 'user-1', after: position });
      visible.push(performance.now() - start);
      await onFeed;
      arrived.delete(groupId);
    },
    PER_SECOND,
    window,
  );
  await feed.drain();
  return { visible, inFeed };
}
