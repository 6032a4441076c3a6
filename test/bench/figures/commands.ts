import { jsonEvent, NO_STREAM, type EventData } from '@eventstore/db-client';
import { groupStream } from '@cohort/contracts';
import type { Figure } from '../report';
import { closedLoop, median, openLoop, quantile, timed } from '../load';
import { IN_FLIGHT, type Bench } from '../bench';
import { APP, type Service } from '../service';

/** Creates and joins beside bare appends, with everything running. */
export async function commands(bench: Bench): Promise<Figure[]> {
  const { service } = bench;
  const creates = await createsBesideAppends(bench, 'with everything');
  const joins = await hotJoins(bench);
  await service.drained();
  return [
    {
      figure: `create on distinct groups, ${IN_FLIGHT} in flight, everything running`,
      unit: '/s',
      cohort: creates.cohort,
      beside: { what: 'bare appends of the same bytes', value: creates.raw },
      wanted: { atLeast: 0.4 },
    },
    { figure: '  time until the read model had them all', unit: 's', cohort: creates.projectedMs / 1_000 },
    { figure: '  and the feed', unit: 's', cohort: creates.relayedMs / 1_000 },
    {
      figure: `join of distinct users into one group, ${IN_FLIGHT} in flight`,
      unit: '/s',
      cohort: joins,
      beside: { what: 'create, above', value: creates.cohort },
      wanted: { atLeast: 1 },
    },
    ...(await atHalfOf(bench, creates.cohort)),
  ];
}

/** The same with the query app and the worker stopped; they stay stopped. */
export async function commandsAlone(bench: Bench): Promise<Figure[]> {
  await bench.service.stopPart('query');
  await bench.service.stopPart('worker');
  const { cohort, raw } = await createsBesideAppends(bench, 'alone');
  return [
    {
      figure: `create on distinct groups, ${IN_FLIGHT} in flight, query app and worker stopped`,
      unit: '/s',
      cohort,
      beside: { what: 'bare appends of the same bytes', value: raw },
      wanted: { atLeast: 0.5 },
    },
  ];
}

interface CreatesBesideAppends {
  readonly cohort: number;
  readonly raw: number;
  /** Until the read model, and then the feed too, had what was created in one window. */
  readonly projectedMs: number;
  readonly relayedMs: number;
}

async function createsBesideAppends(bench: Bench, run: string): Promise<CreatesBesideAppends> {
  const { service } = bench;
  const event = await aCreatedEvent(service);
  const rounds: CreatesBesideAppends[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const raw = (await bareAppends(bench, `raw-${run}-${round}`, event)).rate;
    const cohort = (await creates(bench, `${run}-${round}`)).rate;
    const projectedMs = await timed(async () => service.parts.has('query') && service.projected());
    const relayedMs = projectedMs + (await timed(async () => service.parts.has('worker') && service.relayed()));
    rounds.push({ cohort, raw, projectedMs, relayedMs });
  }
  const middle = (key: keyof CreatesBesideAppends) => median(rounds.map((one) => one[key]));
  return {
    cohort: middle('cohort'),
    raw: middle('raw'),
    projectedMs: middle('projectedMs'),
    relayedMs: middle('relayedMs'),
  };
}

/** Groups on end, for one window. */
export const creates = (bench: Bench, run: string) =>
  closedLoop((i) => bench.service.create(aGroup(`${run}-${i}`)), IN_FLIGHT, bench.window);

const aGroup = (groupId: string) => ({ groupId, name: 'A group like others', owner: 'user-1' });

async function bareAppends(bench: Bench, prefix: string, event: () => EventData) {
  const { store, eventStoreUrl } = bench.service;
  const idle = await bench.service.startEngine('subscriber', eventStoreUrl);
  try {
    return await closedLoop(
      (i) => store.appendToStream(`${APP}-${prefix}-${i}`, event(), { expectedRevision: NO_STREAM }),
      IN_FLIGHT,
      bench.window,
    );
  } finally {
    await idle.stop();
  }
}

/** What a create writes, read back; a new id each time. */
export async function aCreatedEvent(service: Service): Promise<() => EventData> {
  const groupId = `sample-${Date.now()}`;
  await service.create(aGroup(groupId));
  const written = await service.readAll(groupStream(APP, groupId));
  if (!written[0]?.isJson) throw new Error('A create wrote nothing.');
  const { type, data, metadata } = written[0];
  return () => jsonEvent({ type, data, metadata: metadata as Record<string, string> });
}

async function hotJoins(bench: Bench): Promise<number> {
  const { service } = bench;
  const rates: number[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const groupId = `hot-${round}`;
    await service.create(aGroup(groupId));
    const join = (i: number) => service.command('join', { groupId, userId: `joiner-${i}` });
    rates.push((await closedLoop(join, IN_FLIGHT, bench.window)).rate);
  }
  return median(rates);
}

async function atHalfOf(bench: Bench, rate: number): Promise<Figure[]> {
  const perSecond = Math.floor(rate / 2);
  const create = (i: number) => bench.service.create(aGroup(`half-${i}`));
  const { latencies } = await openLoop(create, perSecond, bench.window);
  await bench.service.drained();
  return [
    {
      figure: `a create at ${perSecond}/s: p99`,
      unit: 'ms',
      cohort: quantile(latencies, 0.99),
      beside: { what: 'its p50', value: median(latencies) },
      wanted: { atMost: 10 },
    },
  ];
}
