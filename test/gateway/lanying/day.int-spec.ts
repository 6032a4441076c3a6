import { lanying } from '../../../apps/gateway/src/dialects/lanying/dialect';
import { Random } from '../../faults/random';
import { FIRST_START_MS, newTenant, sharedService } from '../../support/service';
import type { Asked } from './day/asked';
import { Caller } from './day/caller';
import { Course, isRefused, nameOf, OPERATIONS, USERS } from './day/course';
import { Lists } from './day/lists';

/** LANYING_DAY_SEED repeats a day, or several: seeds with commas between them. */
const SEEDS = (process.env.LANYING_DAY_SEED ?? '11').split(',');
/** Steps after which the lists that the last one may have changed are compared. */
const COMPARED_EVERY = 6;
/** Users whose lists are read at the same time. */
const AT_A_TIME = 6;

describe.each(SEEDS)('a day in the life of groups (LANYING_DAY_SEED=%s)', (seed) => {
  const random = new Random(seed);
  const course = new Course(random.named('course'));
  const { day } = course;
  let caller: Caller;
  let lists: Lists;

  beforeAll(async () => {
    const { gateway } = await sharedService();
    const rows = new Map(lanying.operations.map((row) => [row.path, row]));
    const inQuery = (path: string, field: string) => rows.get(path)?.input[field]?.in === 'query';
    caller = new Caller(gateway.url, await newTenant(), inQuery);
    lists = new Lists(caller, day, random.named('lists'));
  }, FIRST_START_MS);

  async function step(): Promise<Asked> {
    const next = course.next();
    const { operation, asked, says } = next;
    const from = Date.now();
    const answer = await caller.send(operation.method, asked);
    const span = [from, Date.now()] as const;
    const call = { call: nameOf(operation), ...asked };
    if (isRefused(says)) {
      expect({ call, answer: { code: answer.code } }).toEqual({ call, answer: { code: says.code } });
      return asked;
    }
    const { version, ...rest } = answer;
    const data = says.data?.(span);
    const total = says.isPage ? { total: (data as unknown[]).length } : {};
    const expected = { code: 200, ...(says.data && { data }), ...total };
    expect({ call, answer: rest }).toEqual({ call, answer: expected });
    expect([call, typeof version]).toEqual([call, says.isPage ? 'number' : 'undefined']);
    course.succeeded(next, answer.data, span);
    return asked;
  }

  async function compare({ fields, by }: Asked): Promise<void> {
    const touched = day.groups.find(({ id }) => id === fields.group_id) ?? day.groups.at(-1);
    if (touched) await lists.group(touched);
    const users = [by.user, fields.user_id, ...(fields.user_list ?? [])].filter((user) => user !== undefined);
    await lists.user(random.pick(users.length > 0 ? users : USERS));
  }

  async function compareAll(): Promise<void> {
    for (const group of day.groups) await lists.group(group);
    for (let from = 0; from < USERS.length; from += AT_A_TIME) {
      await Promise.all(USERS.slice(from, from + AT_A_TIME).map((user) => lists.user(user)));
    }
    await lists.publicGroups();
  }

  test('30 users send all 76 operations in a random order, and every list stays what the model says', async () => {
    while (!course.isOver) {
      expect(course.steps).toBeLessThan(2_000);
      const asked = await step();
      if (course.steps % COMPARED_EVERY === 0) await compare(asked);
    }
    lists.readsAll = true;
    await compareAll();
    expect([...course.done].sort()).toEqual(OPERATIONS.map(nameOf).sort());
  });
});
