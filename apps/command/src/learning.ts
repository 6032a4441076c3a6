import { DirectoryAway, type UserDirectories } from '@cohort/bus';
import type { CommandRequest, Learned } from './command-request';
import type { InFlight } from './in-flight';
import { usersOf } from './users-of';

/**
 * Learns what a tenant's settings make decisions depend on and no group's state has. That is done before the command waits for
 * its group, so that no other command of the group waits for it. In a tenant without such settings nothing is asked.
 */
export class Learning {
  constructor(
    private readonly directories: Pick<UserDirectories, 'of'>,
    private readonly inFlight: InFlight,
  ) {}

  /** Undefined if there is nothing to learn for this command. Throws `OVERLOADED`. */
  of(request: CommandRequest): Promise<Learned> | undefined {
    const { app } = request;
    const directory = this.directories.of(app);
    if (directory === undefined) return undefined;
    const users = usersOf(request);
    return users.length === 0 ? undefined : this.#counted(app.id, () => unknownAmong(directory, users));
  }

  /** A command that waits here counts to its tenant's share, as one that waits for its group does. */
  async #counted(app: string, learn: () => Promise<Learned>): Promise<Learned> {
    const leave = this.inFlight.enter(app, 'group', 0);
    try {
      return await learn();
    } finally {
      leave();
    }
  }
}

async function unknownAmong(
  directory: NonNullable<ReturnType<UserDirectories['of']>>,
  users: readonly string[],
): Promise<Learned> {
  try {
    return { unknownUsers: await directory.unknownAmong(users) };
  } catch (error) {
    if (error instanceof DirectoryAway) return { unknownUsers: 'unavailable' };
    throw error;
  }
}
