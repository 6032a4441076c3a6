import autocannon from 'autocannon';
import { userHeaders } from '../../support/lanying';
import type { Figure } from '../report';
import { closedLoop, median } from '../load';
import { IN_FLIGHT, type Bench } from '../bench';
import { LANYING } from '../service';

const GROUPS = 1_000;
const SIZE = 20;
const OWNER = '1';
const groupId = (i: number): string => String(1_000_000 + (i % GROUPS));

/** Lanying's API beside the very query that its row sends. Its callers know groups and users by numbers. */
export async function lanying(bench: Bench): Promise<Figure[]> {
  const { service } = bench;
  await makeGroups(bench);
  await service.projected();
  const [overHttp, overNats]: [number[], number[]] = [[], []];
  for (let round = 0; round < bench.rounds; round++) {
    const call = (i: number) => service.query('members', { groupId: groupId(i), limit: 1_000 });
    overNats.push((await closedLoop(call, IN_FLIGHT, bench.window)).rate);
    overHttp.push(await httpRate(bench, (i) => `/group/member_list?group_id=${groupId(i)}`));
  }
  return [
    {
      figure: `HTTP member_list (Lanying), ${IN_FLIGHT} connections`,
      unit: '/s',
      cohort: median(overHttp),
      beside: { what: 'the same over NATS', value: median(overNats) },
      wanted: { atLeast: 0.4 },
    },
  ];
}

async function makeGroups({ service }: Bench): Promise<void> {
  const members = Array.from({ length: SIZE - 1 }, (_, i) => String(i + 2));
  let next = 0;
  const makeSome = async () => {
    while (next < GROUPS) await service.create({ groupId: groupId(next++), name: 'A group', owner: OWNER, members });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, makeSome));
}

async function httpRate({ service, window }: Bench, path: (i: number) => string): Promise<number> {
  let next = 0;
  const load = (ms: number) =>
    autocannon({
      url: service.gatewayUrl,
      connections: IN_FLIGHT,
      duration: ms / 1_000,
      verifyBody: (body) => String(body).startsWith('{"code":200,'),
      requests: [
        {
          method: 'GET',
          headers: userHeaders(LANYING, OWNER),
          setupRequest: (request) => ({ ...request, path: path(next++) }),
        },
      ],
    });
  await load(window.warmUpMs);
  const result = await load(window.measureMs);
  // Errors of this vendor have the status 200.
  if (result.errors > 0 || result.non2xx > 0 || result.mismatches > 0) {
    throw new Error(
      `${path(0)}: ${result.errors} errors, ${result.non2xx + result.mismatches} answers of another kind`,
    );
  }
  return result['2xx'] / result.duration;
}
