import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lanying } from '../../../apps/gateway/src/dialects/lanying/dialect';
import { Random } from '../../faults/random';
import { FIRST_START_MS, newTenant, sharedService } from '../../support/service';
import { Refused, type Asked, type Rules, type Success } from './day/asked';
import { Caller } from './day/caller';
import { anyCall } from './day/chance';
import { Lists } from './day/lists';
import { newDay, type Day } from './day/model';
import { people } from './day/people';
import { reads } from './day/reads';
import { things } from './day/things';

/** LANYING_DAY_SEED repeats a day, or several: seeds with commas between them. */
const SEEDS = (process.env.LANYING_DAY_SEED ?? '1').split(',');
const STEPS = 200;
const RULES: Rules = { ...people, ...things, ...reads };

/** Groups that live, but for the day's beginning. */
const FEWEST_GROUPS = 4;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  /** A field is written `name:type`. */
  readonly body: readonly string[];
}
const OPERATIONS = JSON.parse(readFileSync(join(__dirname, 'vendor-operations.json'), 'utf8')) as readonly Operation[];
const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;
const fieldsOf = ({ query, body }: Operation): string[] => [...query, ...body.map((field) => field.split(':')[0]!)];

/** Ids of one to four digits, which lists of users have in the order of their texts. */
const USERS = Array.from({ length: 30 }, (_, i) => 3 + i * i * 7);

/** Users whose lists are read at the same time. */
const AT_A_TIME = 6;

/** What the model says of a call. */
function predicted(day: Day, asked: Asked): Success | { readonly code: number } {
  try {
    return RULES[asked.path]!(day, asked);
  } catch (error) {
    if (error instanceof Refused) return { code: error.code };
    throw error;
  }
}
const isRefused = (says: Success | { readonly code: number }): says is { readonly code: number } => 'code' in says;

describe.each(SEEDS)('a day in the life of groups (LANYING_DAY_SEED=%s)', (seed) => {
  const random = new Random(seed);
  const day = newDay(USERS);
  /** Operations that were answered with success. */
  const done = new Set<string>();
  let caller: Caller;
  let lists: Lists;

  beforeAll(async () => {
    const { gateway } = await sharedService();
    const rows = new Map(lanying.operations.map((row) => [row.path, row]));
    const inQuery = (path: string, field: string) => rows.get(path)?.input[field]?.in === 'query';
    caller = new Caller(gateway.url, await newTenant(), inQuery);
    lists = new Lists(caller, day, random.named('lists'));
  }, FIRST_START_MS);

  const callOf = (operation: Operation) => anyCall(operation.path, fieldsOf(operation), random, day);

  /** Any call: most of them should succeed, so several are looked at. A day begins with some groups, and few end. */
  function choose(): { operation: Operation; asked: Asked } {
    const live = day.groups.filter(({ isLive }) => isLive).length;
    const possible = OPERATIONS.filter(({ path }) =>
      live < FEWEST_GROUPS ? path === '/group/create' : path !== '/group/destroy' || live > FEWEST_GROUPS,
    );
    const undone = possible.filter((one) => !done.has(nameOf(one)));
    const mayFail = random.chance(0.25);
    for (let looks = 1; ; looks++) {
      const operation = random.pick(undone.length > 0 && random.chance(0.6) ? undone : possible);
      for (let calls = 0; calls < 20; calls++) {
        const asked = callOf(operation);
        if (mayFail || looks > 50 || !isRefused(predicted(day, asked))) return { operation, asked };
      }
    }
  }

  async function step(): Promise<Asked> {
    const { operation, asked } = choose();
    const says = predicted(day, asked);
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
    done.add(nameOf(operation));
    says.then?.(answer.data, span);
    return asked;
  }

  /** The lists that a call may have changed. */
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
    for (let steps = 1; steps <= STEPS || done.size < OPERATIONS.length; steps++) {
      expect(steps).toBeLessThan(10 * STEPS);
      const asked = await step();
      if (steps % 3 === 0) await compare(asked);
      if (steps === STEPS / 2) await compareAll();
    }
    await compareAll();
    expect([...done].sort()).toEqual(OPERATIONS.map(nameOf).sort());
  }, 60_000);
});
