import { LIMITS } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import type { Shape } from './paths';

/**
 * The users of one call. In Agora's API the case of a name makes no difference: a user who has groups under exactly this
 * name is meant, and else the user with the name in lower case. Shengwang's ids are exact.
 */
export class Users {
  constructor(
    private readonly as: Caller,
    private readonly shape: Shape,
  ) {}

  async one(name: string): Promise<string> {
    const [id] = await this.all([name]);
    return id!;
  }

  /** The ids of the users with these names, each once, in their order. */
  async all(names: readonly string[]): Promise<string[]> {
    if (this.shape === 'shengwang') return [...names];
    const unsure = [...new Set(names.filter((name) => name !== name.toLowerCase()))];
    const exact = new Set<string>();
    for (let from = 0; from < unsure.length; from += LIMITS.usersPerCommand) {
      const userIds = unsure.slice(from, from + LIMITS.usersPerCommand);
      const { users } = await this.as.query('groupCounts', { userIds });
      for (const { userId, joined } of users) if (joined > 0) exact.add(userId);
    }
    return [...new Set(names.map((name) => (exact.has(name) ? name : name.toLowerCase())))];
  }
}
