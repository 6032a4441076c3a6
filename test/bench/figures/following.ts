import { join } from 'node:path';
import { FEED_STREAM, FEED_SUBJECTS } from '@cohort/contracts';
import { consumerOpts, headers, nanos, type MsgHdrs } from 'nats';
import type { Figure } from '../report';
import { median } from '../load';
import type { Bench } from '../bench';
import type { Rebuilt } from '../rebuild';
import { startEngine } from '../engine';
import { creates } from './commands';

/** How many messages the relay keeps on their way, and so the bare publisher. */
const PUBLISHES_IN_FLIGHT = 512;
const RAW_STREAM = 'BENCH_RAW';

/** An empty read model is built from the whole log. */
export async function rebuild(bench: Bench): Promise<Figure[]> {
  const { service } = bench;
  const runs: Rebuilt[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const file = join(service.directory, `rebuilt-${round}.db`);
    const engine = startEngine<Rebuilt>('rebuild', service.eventStoreUrl, file);
    runs.push(await engine.next());
    await engine.stop();
  }
  const { events, members } = runs[0]!;
  const rate = (ms: 'readMs' | 'rebuiltMs') => median(runs.map((run) => (run.events / run[ms]) * 1_000));
  return [
    {
      figure: `rebuild of an empty read model, ${counted(events)} events with ${counted(members)} members`,
      unit: '/s',
      cohort: rate('rebuiltMs'),
      beside: { what: 'bare catch-up read', value: rate('readMs') },
      wanted: { atLeast: 0.4 },
    },
  ];
}

const counted = (n: number): string => n.toLocaleString('en');

/** The feed's stream is deleted, and a worker fills it again. The worker runs at the begin of this, and not at its end. */
export async function relay(bench: Bench): Promise<Figure[]> {
  const { service } = bench;
  const { streams } = service.streams;
  await someEvents(bench);
  await service.stopPart('worker');
  const rates: { relayed: number; published: number }[] = [];
  let events = 0;
  for (let round = 0; round < bench.rounds; round++) {
    await streams.delete(FEED_STREAM);
    await service.startPart('worker');
    const relayed = await fillingRate(bench);

    await service.stopPart('worker');
    const { state } = await streams.info(FEED_STREAM);
    events = state.messages;
    rates.push({ relayed, published: await publishAgain(bench, Math.min(events, bench.quick ? 20_000 : 60_000)) });
  }
  return [
    {
      figure: `relay into JetStream, ${counted(events)} events`,
      unit: '/s',
      cohort: median(rates.map(({ relayed }) => relayed)),
      beside: { what: 'bare publish of the same bytes', value: median(rates.map(({ published }) => published)) },
      wanted: { atLeast: 0.3 },
    },
  ];
}

/** Taken by itself, this figure makes what it relays. */
async function someEvents(bench: Bench): Promise<void> {
  const isEmpty = bench.service.position === '0';
  if (isEmpty) await creates(bench, 'to be relayed');
  await bench.service.relayed();
}

/** Events a second, from the first look that finds some to the last. */
async function fillingRate({ service }: Bench): Promise<number> {
  const look = async () => {
    const info = await service.streams.streams.info(FEED_STREAM).catch(() => undefined);
    return { at: performance.now(), messages: info?.state.messages ?? 0 };
  };
  let first = await look();
  while (first.messages === 0) first = await look();
  await service.relayed();
  const last = await look();
  return ((last.messages - first.messages) / (last.at - first.at)) * 1_000;
}

interface Message {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: MsgHdrs;
}

/** Publishes the feed's first messages into a stream of its own, in the same way, with nothing before or after it. */
async function publishAgain({ service }: Bench, count: number): Promise<number> {
  const messages = await firstMessages(service.connection, count);
  const { streams } = service.streams;
  await streams.add({ name: RAW_STREAM, subjects: ['bench.raw.>'], duplicate_window: nanos(120_000) });
  const jetStream = service.connection.jetstream();
  let next = 0;
  const start = performance.now();
  const one = async () => {
    while (next < messages.length) {
      const message = messages[next++]!;
      await jetStream.publish(`bench.raw.${message.subject}`, message.body, {
        headers: message.headers,
        timeout: 30_000,
      });
    }
  };
  await Promise.all(Array.from({ length: PUBLISHES_IN_FLIGHT }, one));
  const rate = (messages.length / (performance.now() - start)) * 1_000;
  await streams.delete(RAW_STREAM);
  return rate;
}

async function firstMessages(connection: Bench['service']['connection'], count: number): Promise<Message[]> {
  const messages: Message[] = [];
  const options = consumerOpts();
  options.orderedConsumer();
  options.deliverAll();
  options.bindStream(FEED_STREAM);
  const subscription = await connection.jetstream().subscribe(FEED_SUBJECTS, options);
  for await (const { subject, data, headers: given } of subscription) {
    const copied = headers();
    // The sequence that the relay expected is one of another stream.
    for (const key of given?.keys() ?? []) if (!key.startsWith('Nats-Expected-')) copied.set(key, given!.get(key));
    messages.push({ subject, body: data, headers: copied });
    if (messages.length === count) break;
  }
  return messages;
}
