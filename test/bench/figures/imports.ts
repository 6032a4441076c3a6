import { jsonEvent, NO_STREAM, type EventData } from '@eventstore/db-client';
import { CohortClient, importGroups } from '@cohort/client';
import { groupStream } from '@cohort/contracts';
import type { Bench } from '../bench';
import { closedLoop, timed } from '../load';
import type { Figure } from '../report';
import { APP } from '../service';
import { LARGE_GROUP, LARGE_GROUP_SIZE, userOf } from './memory';
import { alternate, pages } from './queries';

const HUGE_GROUP = 'huge';
const HUGE_GROUP_SIZE = 1_000_000;
const MEMBERS_PER_EVENT = 500;
const RAW_IN_FLIGHT = 32;
const MOST_MEBIBYTES = 768;

async function* linesOf(groupId: string, size: number): AsyncGenerator<string> {
  await Promise.resolve();
  yield JSON.stringify({ group: { groupId, name: 'A huge group', owner: userOf(0), capacity: size } });
  for (let i = 1; i < size; i++) yield `{"userId":"${userOf(i)}","joinedAt":"2021-03-01T09:05:00.000Z"}`;
}

/** An import of a million members beside bare appends of its events, and the group beside one of a hundred thousand. */
export async function imports(bench: Bench): Promise<Figure[]> {
  const { service } = bench;
  for (const part of ['query', 'worker'] as const) if (!service.parts.has(part)) await service.startPart(part);
  // What earlier figures left is caught up before, not beside the import.
  await service.drained();
  const client = CohortClient.over(service.connection);
  let members = 0;
  const importMs = await timed(async () => {
    ({ members } = await importGroups(client, linesOf(HUGE_GROUP, HUGE_GROUP_SIZE), { app: APP }));
  });
  const { position } = await service.command('changeInfo', { groupId: HUGE_GROUP, name: 'The huge group' });
  const projectedMs = await timed(() => service.query('importStatus', { groupId: HUGE_GROUP, after: position }));
  await service.drained();
  const sizes = await service.memory();
  const raw = await bareAppends(bench);

  // The group is full. Each call takes another member.
  const leave = (groupId: string, size: number) => {
    let next = size;
    return () => service.command('leave', { groupId, userId: userOf(--next) });
  };
  const [hugeLeaves, largeLeaves] = await alternate(
    bench,
    leave(HUGE_GROUP, HUGE_GROUP_SIZE),
    leave(LARGE_GROUP, LARGE_GROUP_SIZE),
    32,
  );
  const [hugePages, largePages] = await alternate(bench, pages(bench, HUGE_GROUP), pages(bench, LARGE_GROUP));
  const million = HUGE_GROUP_SIZE.toLocaleString('en');
  const beside = `with ${LARGE_GROUP_SIZE.toLocaleString('en')} members`;
  return [
    {
      figure: `import of ${million} members into one group: members`,
      unit: '/s',
      cohort: (members / importMs) * 1_000,
      beside: { what: 'bare appends of its events', value: raw * MEMBERS_PER_EVENT },
      wanted: { atLeast: 0.3 },
    },
    { figure: '  time until the read model had them all', unit: 's', cohort: projectedMs / 1_000 },
    ...sizes.map(([name, mebibytes]): Figure => ({
      figure: `memory of ${name}, with a group of ${million}`,
      unit: 'MiB',
      cohort: mebibytes,
      wanted: { atMost: MOST_MEBIBYTES },
    })),
    {
      figure: `leave of a group with ${million} members`,
      unit: '/s',
      cohort: hugeLeaves,
      beside: { what: beside, value: largeLeaves },
      wanted: { atLeast: 0.8 },
    },
    {
      figure: `page of 100 members of ${million}`,
      unit: '/s',
      cohort: hugePages,
      beside: { what: beside, value: largePages },
      wanted: { atLeast: 0.8 },
    },
  ];
}

/** Appends/s of an event of the import, each to a stream of its own. */
async function bareAppends({ service, window }: Bench): Promise<number> {
  const written = await service.readAll(groupStream(APP, HUGE_GROUP));
  const chunk = written.find(({ type }) => type === 'membersImported');
  if (!chunk?.isJson) throw new Error('The import wrote no members.');
  const { type, data, metadata } = chunk;
  const event = (): EventData => jsonEvent({ type, data, metadata: metadata as Record<string, string> });
  const append = (i: number) =>
    service.store.appendToStream(`${APP}-raw-import-${i}`, event(), { expectedRevision: NO_STREAM });
  return (await closedLoop(append, RAW_IN_FLIGHT, window)).rate;
}
