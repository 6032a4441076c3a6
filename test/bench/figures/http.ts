import { createHash } from 'node:crypto';
import autocannon from 'autocannon';
import type { CommandData } from '@cohort/contracts';
import type { Figure } from '../report';
import { closedLoop, median } from '../load';
import { IN_FLIGHT, type Bench } from '../bench';
import { smallGroup } from './memory';

interface Pair {
  readonly what: string;
  readonly path: string;
  readonly form: (run: string, i: number) => Readonly<Record<string, string>>;
  readonly nats: (bench: Bench, run: string, i: number) => Promise<unknown>;
}

/** The calls of RongCloud's API beside the very commands and queries that they are made of. */
const PAIRS: readonly Pair[] = [
  {
    what: 'create',
    path: '/group/create.json',
    form: (run, i) => ({ userId: 'user-1', groupId: `http-${run}-${i}`, groupName: 'A group like others' }),
    nats: ({ service }, run, i) =>
      service.command('createOrJoin', {
        groupId: `nats-${run}-${i}`,
        name: 'A group like others',
        userIds: ['user-1'],
        capacity: 3_000,
      } satisfies Partial<CommandData<'createOrJoin'>>),
  },
  {
    what: 'join',
    path: '/group/join.json',
    form: (run, i) => ({ userId: `http-${run}-${i}`, groupId: smallGroup(i % 1_000), groupName: 'A small group' }),
    nats: ({ service }, run, i) =>
      service.command('createOrJoin', {
        groupId: smallGroup(i % 1_000),
        name: 'A small group',
        userIds: [`nats-${run}-${i}`],
        capacity: 3_000,
      }),
  },
  {
    what: 'user/query',
    path: '/group/user/query.json',
    // Groups without later joins: 20 members each.
    form: (_run, i) => ({ groupId: smallGroup(1_000 + (i % 1_000)) }),
    nats: ({ service }, _run, i) =>
      service.query('members', { groupId: smallGroup(1_000 + (i % 1_000)), limit: 1_000 }),
  },
];

/** HTTP through the gateway beside the same over NATS. */
export async function http(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const pair of PAIRS) {
    const [overHttp, overNats]: [number[], number[]] = [[], []];
    for (let round = 0; round < bench.rounds; round++) {
      const run = `${pair.what}-${round}`;
      const call = (i: number) => pair.nats(bench, run, i);
      overNats.push((await closedLoop(call, IN_FLIGHT, bench.window)).rate);
      await bench.service.drained();
      overHttp.push(await httpRate(bench, pair, run));
      await bench.service.drained();
    }
    figures.push({
      figure: `HTTP ${pair.what} (RongCloud), ${IN_FLIGHT} connections`,
      unit: '/s',
      cohort: median(overHttp),
      beside: { what: 'the same over NATS', value: median(overNats) },
      wanted: { atLeast: 0.4 },
    });
  }
  return figures;
}

async function httpRate({ service, window }: Bench, { path, form }: Pair, run: string): Promise<number> {
  const [nonce, timestamp] = ['6015367', '1795245556'];
  let next = 0;
  const load = (ms: number) =>
    autocannon({
      url: service.gatewayUrl,
      connections: IN_FLIGHT,
      duration: ms / 1_000,
      requests: [
        {
          method: 'POST',
          path,
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            'App-Key': 'demo',
            Nonce: nonce,
            Timestamp: timestamp,
            Signature: createHash('sha1').update(`demo-secret${nonce}${timestamp}`).digest('hex'),
          },
          setupRequest: (request) => ({ ...request, body: new URLSearchParams(form(run, next++)).toString() }),
        },
      ],
    });
  await load(window.warmUpMs);
  const result = await load(window.measureMs);
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${path}: ${result.errors} errors, ${result.non2xx} answers other than 2xx`);
  }
  return result['2xx'] / result.duration;
}
