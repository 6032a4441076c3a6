import type { Figure } from '../report';
import type { Bench } from '../bench';
import { IN_FLIGHT } from '../bench';

const SMALL_GROUPS = 10_000;
const SMALL_GROUP_SIZE = 20;
export const LARGE_GROUP = 'large';
export const LARGE_GROUP_SIZE = 100_000;
export const MIDDLE_GROUP = 'middle';
export const MIDDLE_GROUP_SIZE = 1_000;
const CREATED_WITH = 3_000;
const ADDED_AT_ONCE = 1_000;
const MOST_MEBIBYTES = 512;

export const smallGroup = (i: number): string => `small-${i}`;
export const userOf = (i: number): string => `user-${i}`;

/** Memory of each process, empty and with groups; the groups stay for the figures that come after. */
export async function memory(bench: Bench): Promise<Figure[]> {
  const { service } = bench;
  const empty = await service.memory();
  await fill(bench);
  await service.drained();
  const filled = await service.memory();
  const figures = (what: string, sizes: typeof empty): Figure[] =>
    sizes.map(([name, mebibytes]) => ({
      figure: `memory of ${name}, ${what}`,
      unit: 'MiB',
      cohort: mebibytes,
      wanted: { atMost: MOST_MEBIBYTES },
    }));
  return [...figures('empty', empty), ...figures('with 10,000 groups of 20 and one of 100,000', filled)];
}

async function fill({ service }: Bench): Promise<void> {
  const owner = userOf(0);
  const users = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => userOf(from + i));
  let next = 0;
  const members = users(1, SMALL_GROUP_SIZE);
  const makeSmall = async () => {
    while (next < SMALL_GROUPS)
      await service.create({ groupId: smallGroup(next++), name: 'A small group', owner, members });
  };
  const makeLarge = async () => {
    const middle = users(1, MIDDLE_GROUP_SIZE);
    await service.create({ groupId: MIDDLE_GROUP, name: 'A middle group', owner, members: middle });
    await service.create({ groupId: LARGE_GROUP, name: 'A large group', owner, members: users(1, CREATED_WITH) });
    for (let size = CREATED_WITH; size < LARGE_GROUP_SIZE; size += ADDED_AT_ONCE) {
      const userIds = users(size, Math.min(size + ADDED_AT_ONCE, LARGE_GROUP_SIZE));
      await service.command('addMembers', { groupId: LARGE_GROUP, userIds });
    }
  };
  await Promise.all([makeLarge(), ...Array.from({ length: IN_FLIGHT }, makeSmall)]);
}
