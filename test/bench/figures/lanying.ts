import autocannon from 'autocannon';
import { userHeaders } from '../../support/lanying';
import type { Figure } from '../report';
import { closedLoop, median } from '../load';
import { IN_FLIGHT, type Bench } from '../bench';
import { LANYING } from '../service';

const GROUPS = 1_000;
const SIZE = 20;
const OWNER = '1';
const MEMBERS = Array.from({ length: SIZE - 1 }, (_, i) => String(i + 2));
const OPEN = { visibility: 'public', joinPolicy: 'open' } as const;
/** Groups that stay as they are, and groups that users join. */
const stableGroup = (i: number): string => String(1_000_000 + (i % GROUPS));
const joinedGroup = (i: number): string => String(2_000_000 + (i % GROUPS));
/** Different users over HTTP and over NATS, in each round. */
const joiner = (run: number, i: number): string => String(1_000_000_000 * (run + 1) + i);

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly as: string;
  readonly body?: object;
}

interface Pair {
  readonly what: string;
  readonly request: (run: number, i: number) => Request;
  readonly nats: (bench: Bench, run: number, i: number) => Promise<unknown>;
}

/** The calls of Lanying's API beside the commands and queries that make them. Its callers know groups and users by numbers. */
const PAIRS: readonly Pair[] = [
  {
    what: 'create',
    request: () => ({ method: 'POST', path: '/group/create', as: OWNER, body: { name: 'A group like others' } }),
    nats: async ({ service }) => {
      const settings = { visibility: 'private', membersMayInvite: true } as const;
      const made = await service.command('create', { name: 'A group like others', owner: OWNER, settings });
      await seen(service, made.groupId, made.position);
    },
  },
  {
    what: 'join',
    request: (run, i) => ({
      ...{ method: 'POST', path: '/group/apply', as: joiner(2 * run, i) },
      body: { group_id: Number(joinedGroup(i)) },
    }),
    nats: ({ service }, run, i) =>
      service.command('apply', { groupId: joinedGroup(i), userId: joiner(2 * run + 1, i), reason: '' }),
  },
  {
    what: 'member_list',
    request: (_run, i) => ({ method: 'GET', path: `/group/member_list?group_id=${stableGroup(i)}`, as: OWNER }),
    nats: ({ service }, _run, i) => service.query('members', { groupId: stableGroup(i), limit: 1_000 }),
  },
  {
    what: 'info',
    request: (_run, i) => ({ method: 'GET', path: `/group/info?group_id=${stableGroup(i)}`, as: OWNER }),
    nats: ({ service }, _run, i) => seen(service, stableGroup(i)),
  },
];

/** A group with what its owner has of their own in it, as the vendor's `info` has both. */
async function seen(service: Bench['service'], groupId: string, after?: string): Promise<void> {
  await service.query('group', { groupId, ...(after === undefined ? {} : { after }) });
  await service.query('memberProfiles', { groupId, userIds: [OWNER] });
}

/** HTTP through the gateway beside the same over NATS. */
export async function lanying(bench: Bench): Promise<Figure[]> {
  await makeGroups(bench);
  await bench.service.projected();
  const figures: Figure[] = [];
  for (const pair of PAIRS) {
    const [overHttp, overNats]: [number[], number[]] = [[], []];
    for (let round = 0; round < bench.rounds; round++) {
      const call = (i: number) => pair.nats(bench, round, i);
      overNats.push((await closedLoop(call, IN_FLIGHT, bench.window)).rate);
      await bench.service.drained();
      overHttp.push(await httpRate(bench, (i) => pair.request(round, i)));
      await bench.service.drained();
    }
    figures.push({
      figure: `HTTP ${pair.what} (Lanying), ${IN_FLIGHT} connections`,
      unit: '/s',
      cohort: median(overHttp),
      beside: { what: 'the same over NATS', value: median(overNats) },
      wanted: { atLeast: 0.4 },
    });
  }
  return figures;
}

async function makeGroups({ service }: Bench): Promise<void> {
  let next = 0;
  const makeSome = async () => {
    while (next < GROUPS) {
      const i = next++;
      await service.create({ groupId: stableGroup(i), name: 'A group', owner: OWNER, members: MEMBERS });
      await service.create({ groupId: joinedGroup(i), name: 'A group', owner: OWNER, settings: OPEN });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, makeSome));
}

async function httpRate({ service, window }: Bench, request: (i: number) => Request): Promise<number> {
  let next = 0;
  const load = (ms: number) =>
    autocannon({
      url: service.gatewayUrl,
      connections: IN_FLIGHT,
      duration: ms / 1_000,
      // Errors of this vendor have the status 200.
      verifyBody: (body) => String(body).startsWith('{"code":200,'),
      requests: [{ setupRequest: (before) => ({ ...before, ...asSent(request(next++)) }) }],
    });
  await load(window.warmUpMs);
  const result = await load(window.measureMs);
  if (result.errors > 0 || result.non2xx > 0 || result.mismatches > 0) {
    throw new Error(
      `${request(0).path}: ${result.errors} errors, ${result.non2xx + result.mismatches} answers of another kind`,
    );
  }
  return result['2xx'] / result.duration;
}

const OWNER_HEADERS = userHeaders(LANYING, OWNER);

const asSent = ({ method, path, as, body }: Request) => ({
  ...{
    method,
    path,
    headers: {
      ...(as === OWNER ? OWNER_HEADERS : userHeaders(LANYING, as)),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
  },
  ...(body ? { body: JSON.stringify(body) } : {}),
});
