import type { Figure } from '../report';
import { closedLoop, median, openLoop, quantile, type Call } from '../load';
import { IN_FLIGHT, type Bench } from '../bench';
import { APP } from '../service';
import { LARGE_GROUP, LARGE_GROUP_SIZE, MIDDLE_GROUP, MIDDLE_GROUP_SIZE, smallGroup, userOf } from './memory';

/** Queries beside an echo over NATS, and beside each other. */
export async function queries(bench: Bench): Promise<Figure[]> {
  const { service } = bench;
  const isMember = (i: number) =>
    service.query('isMember', { groupId: smallGroup(i % 1_000), userId: userOf((i * 7) % 40) });
  const body = JSON.stringify({ app: APP, groupId: smallGroup(1), userId: userOf(7) });
  const echo: Call = () => service.connection.request('bench.echo', body, { timeout: 30_000 });
  const engine = await service.startEngine('echo', service.nats.url);
  const [asked, echoed] = await alternate(bench, isMember, echo).finally(() => engine.stop());

  const page = (groupId: string) => pages(bench, groupId);
  const [large, middle] = await alternate(bench, page(LARGE_GROUP), page(MIDDLE_GROUP));

  const perSecond = Math.floor(asked / 2);
  const { latencies } = await openLoop(isMember, perSecond, bench.window);
  return [
    {
      figure: `isMember, ${IN_FLIGHT} in flight`,
      unit: '/s',
      cohort: asked,
      beside: { what: 'bare NATS echo', value: echoed },
      wanted: { atLeast: 0.65 },
    },
    {
      figure: `page of 100 members of ${LARGE_GROUP_SIZE.toLocaleString('en')}`,
      unit: '/s',
      cohort: large,
      beside: { what: `of ${MIDDLE_GROUP_SIZE.toLocaleString('en')}`, value: middle },
      wanted: { atLeast: 0.9 },
    },
    {
      figure: `isMember at ${perSecond}/s: p99`,
      unit: 'ms',
      cohort: quantile(latencies, 0.99),
      beside: { what: 'its p50', value: median(latencies) },
      wanted: { atMost: 10 },
    },
  ];
}

/** Pages through a group from its beginning to its end, again and again, each of the callers by itself. */
export function pages({ service }: Bench, groupId: string): Call {
  const waiting: (string | undefined)[] = [];
  return async () => {
    const cursor = waiting.pop();
    const { cursor: next } = await service.query('members', { groupId, limit: 100, ...(cursor ? { cursor } : {}) });
    waiting.push(next);
  };
}

/** The rates of two calls that take turns, so that neither has the quieter machine. */
export async function alternate(bench: Bench, one: Call, other: Call, inFlight = IN_FLIGHT): Promise<[number, number]> {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < bench.rounds; round++) {
    for (const [n, call] of [
      [1, other],
      [0, one],
    ] as const) {
      // A group that isn't in memory is read first.
      await call(0);
      rates[n].push((await closedLoop(call, inFlight, bench.window)).rate);
    }
  }
  return [median(rates[0]), median(rates[1])];
}
