import { CohortError, FIRST_ALIAS, LAST_ALIAS, LIMITS, PAGE } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import { LanyingError } from './errors';

/**
 * The one place where the vendor's numbers and Cohort's ids are translated. Numbers outside of the aliases' range (2^52 to
 * 2^53-1) are ids as they are: the decimal text. A number in this range stands for a user or a group whose id is no such
 * decimal.
 */

const LARGEST = 2n ** 63n - 1n;

/** A number on the wire: exact in JSON, whatever its size. */
export type Int64 = number | bigint;

/** The decimal text of a number of 64 bits that isn't negative; undefined for anything else. `007` and `1e3` are none. */
export function int64Of(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  if (typeof text !== 'string' || !/^(?:0|[1-9][0-9]{0,18})$/.test(text)) return undefined;
  return text.length < 19 || BigInt(text) <= LARGEST ? text : undefined;
}

/** The number that a decimal text writes. */
export const exact = (decimal: string): Int64 => {
  const number = Number(decimal);
  return Number.isSafeInteger(number) ? number : BigInt(decimal);
};

const isAlias = (decimal: string): boolean => {
  if (decimal.length !== 16) return false;
  const number = BigInt(decimal);
  return number >= FIRST_ALIAS && number <= LAST_ALIAS;
};

/** The number that an id is by itself; undefined for an id that has an alias. */
const ownInt64 = (id: string): Int64 | undefined => {
  const decimal = int64Of(id);
  return decimal === undefined || isAlias(decimal) ? undefined : exact(decimal);
};

/**
 * An alias, which is looked up after the answer is put together, and before it is written. 0 if an operator has erased
 * what would have it.
 */
class Alias {
  number: Int64 = 0;

  toJSON(): Int64 {
    return this.number;
  }
}
export type Shown = Int64 | Alias;

/** A user as a call names them. An alias that nobody has is of no id. */
export interface NamedUser {
  readonly number: string;
  readonly userId: string | undefined;
}

/** The ids of one call. */
export class Ids {
  private readonly users = new Map<string, Alias>();
  private readonly groups = new Map<string, Alias>();

  constructor(private readonly as: Caller) {}

  /** The id of the user with this number. Throws 10000 for an alias that nobody has. */
  userId(number: string): Promise<string> {
    return this.userIds([number]).then(([id]) => id!);
  }

  /** The ids of the users with these numbers, in their order. Throws 10000 for an alias that nobody has. */
  async userIds(numbers: readonly string[]): Promise<string[]> {
    const found = await this.knownUserIds(numbers);
    if (found.length < numbers.length) throw new LanyingError(10000);
    return found;
  }

  /** The same users with their ids. */
  async named(users: readonly NamedUser[]): Promise<NamedUser[]> {
    const found = await this.usersOf(users.map(({ number }) => number));
    return users.map(({ number }) => ({ number, userId: found(number) }));
  }

  /** The ids of the users with these numbers, without the aliases that nobody has. */
  async knownUserIds(numbers: readonly string[]): Promise<string[]> {
    const found = await this.usersOf(numbers);
    return numbers.map(found).filter((id) => id !== undefined);
  }

  /** The id of the user whom a token names, by their number or by their id. */
  subject(sub: string): Promise<string> {
    return int64Of(sub) === undefined ? Promise.resolve(sub) : this.userId(sub);
  }

  /** The id of the group with this number. Throws `GROUP_NOT_FOUND` for an alias that no group has. */
  groupId(number: string): Promise<string> {
    return this.groupIds([number]).then(([id]) => {
      if (id === undefined) throw new CohortError('GROUP_NOT_FOUND', `There is no group ${number}.`);
      return id;
    });
  }

  /** The ids of the groups with these numbers, in their order; undefined for an alias that no group has. */
  async groupIds(numbers: readonly string[]): Promise<(string | undefined)[]> {
    const found = await this.ofAliases(numbers, async (some) => {
      const { groups } = await this.as.query('groupsByNumber', { numbers: some });
      return groups.map(({ number, groupId }) => [number, groupId]);
    });
    return numbers.map(found);
  }

  /** How a user's id is shown. */
  user(id: string): Shown {
    return ownInt64(id) ?? aliasIn(this.users, id);
  }

  /** How a group's id is shown; with its `numericId` where that is known, so that it isn't looked up. */
  group(id: string, numericId?: string): Shown {
    return ownInt64(id) ?? (numericId === undefined ? aliasIn(this.groups, id) : exact(numericId));
  }

  /** Looks up the aliases that the answer shows. Users who have none get one. */
  async resolve(): Promise<void> {
    await inParts([...this.users.keys()], LIMITS.usersPerCommand, async (userIds) => {
      const { numbers } = await this.as.query('userNumbers', { userIds });
      for (const { userId, number } of numbers) this.users.get(userId)!.number = exact(number);
    });
    await inParts([...this.groups.keys()], PAGE.maxGroupIds, async (groupIds) => {
      const { groups } = await this.as.query('groups', { groupIds });
      for (const { groupId, numericId } of groups) this.groups.get(groupId)!.number = exact(numericId);
    });
  }

  private usersOf(numbers: readonly string[]): Promise<(number: string) => string | undefined> {
    return this.ofAliases(numbers, async (some) => {
      const { users } = await this.as.query('usersByNumber', { numbers: some });
      return users.map(({ number, userId }) => [number, userId]);
    });
  }

  /** Looks up the numbers that are aliases. All others are ids. */
  private async ofAliases(
    numbers: readonly string[],
    find: (some: string[]) => Promise<(readonly [number: string, id: string])[]>,
  ): Promise<(number: string) => string | undefined> {
    const found = new Map<string, string>();
    await inParts(numbers.filter(isAlias), LIMITS.usersPerCommand, async (some) => {
      for (const [number, id] of await find(some)) found.set(number, id);
    });
    return (number) => (isAlias(number) ? found.get(number) : number);
  }
}

async function inParts(all: readonly string[], size: number, of: (part: string[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += size) await of(all.slice(from, from + size));
}

function aliasIn(aliases: Map<string, Alias>, id: string): Alias {
  let alias = aliases.get(id);
  if (!alias) aliases.set(id, (alias = new Alias()));
  return alias;
}
