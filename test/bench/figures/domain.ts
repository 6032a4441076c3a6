import type { Figure } from '../report';
import { IN_FLIGHT, type Bench } from '../bench';
import type { Call } from '../load';
import { LARGE_GROUP, LARGE_GROUP_SIZE, MIDDLE_GROUP, MIDDLE_GROUP_SIZE, smallGroup, userOf } from './memory';
import { alternate } from './queries';

const LARGE = LARGE_GROUP_SIZE.toLocaleString('en');
const MIDDLE = MIDDLE_GROUP_SIZE.toLocaleString('en');
const CHANGES = 10;

/** What a group can do beside its members: who may speak, and what changed. */
export async function domain(bench: Bench): Promise<Figure[]> {
  return [await speaking(bench), await banning(bench), await changing(bench)];
}

/** The same groups and users as those of the figure `isMember`. */
async function speaking(bench: Bench): Promise<Figure> {
  const asked = (i: number) => ({ groupId: smallGroup(i % 1_000), userId: userOf((i * 7) % 40) });
  const [canSpeak, isMember] = await alternate(
    bench,
    (i) => bench.service.query('canSpeak', asked(i)),
    (i) => bench.service.query('isMember', asked(i)),
  );
  return {
    figure: `canSpeak, ${IN_FLIGHT} in flight`,
    unit: '/s',
    cohort: canSpeak,
    beside: { what: 'isMember', value: isMember },
    wanted: { atLeast: 0.9 },
  };
}

/** Each user is banned, and unbanned by the next call that names them. */
async function banning(bench: Bench): Promise<Figure> {
  const { service } = bench;
  const bans = (groupId: string): Call => {
    let calls = 0;
    return () => {
      const call = calls++;
      const userIds = [userOf(1 + ((call >> 1) % (MIDDLE_GROUP_SIZE - 1)))];
      return call % 2 === 0
        ? service.command('ban', { groupId, userIds, durationMs: 86_400_000 })
        : service.command('unban', { groupId, userIds });
    };
  };
  const [large, middle] = await alternate(bench, bans(LARGE_GROUP), bans(MIDDLE_GROUP));
  await service.drained();
  return {
    figure: `ban and unban in a group of ${LARGE}, ${IN_FLIGHT} in flight`,
    unit: '/s',
    cohort: large,
    beside: { what: `of ${MIDDLE}`, value: middle },
    wanted: { atLeast: 0.8 },
  };
}

/** The changes since a revision after which a few members joined, beside a page with as many members. */
async function changing(bench: Bench): Promise<Figure> {
  const { service } = bench;
  await service.projected();
  const { revision: sinceRevision, basis } = await service.query('members', { groupId: LARGE_GROUP, limit: 1 });
  for (let i = 0; i < CHANGES; i++) await service.command('join', { groupId: LARGE_GROUP, userId: `newcomer-${i}` });
  await service.projected();
  const changes = async () => {
    const answer = await service.query('members', { groupId: LARGE_GROUP, sinceRevision, basis });
    if (answer.full || answer.members.length !== CHANGES) throw new Error('These are not the changes.');
  };
  const page = () => service.query('members', { groupId: LARGE_GROUP, limit: CHANGES });
  const [since, first] = await alternate(bench, changes, page);
  return {
    figure: `${CHANGES} changes of the members of ${LARGE}, ${IN_FLIGHT} in flight`,
    unit: '/s',
    cohort: since,
    beside: { what: `page of ${CHANGES} of them`, value: first },
    wanted: { atLeast: 0.5 },
  };
}
