import { DirectoryAway, type UserDirectories, type UserDirectory } from '@cohort/bus';
import type { CommandRequest, Learned } from './command-request';
import { countGroups, type Counting } from './group-counts';
import type { InFlight } from './in-flight';
import { toCount, usersOf } from './users-of';

export interface LearningParts extends Counting {
  readonly directories: Pick<UserDirectories, 'of'>;
  readonly inFlight: InFlight;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Learns what a tenant's settings make decisions depend on and no group's state has. That is done before the command waits for
 * its group, so that no other command of the group waits for it. In a tenant without such settings nothing is asked.
 */
export class Learning {
  constructor(private readonly parts: LearningParts) {}

  /** Undefined if there is nothing to learn for this command. Throws `OVERLOADED`. */
  of(request: CommandRequest): Promise<Learned> | undefined {
    const directory = this.parts.directories.of(request.app);
    const users = directory === undefined ? [] : usersOf(request);
    const count = toCount(request);
    if (users.length === 0 && count === undefined) return undefined;
    return this.#counted(request.app.id, async () => {
      const [unknownUsers, counts] = await Promise.all([
        directory && users.length > 0 ? unknownAmong(directory, users) : undefined,
        count && countGroups(this.parts, request, count, (this.parts.now ?? Date.now)()),
      ]);
      return { ...(unknownUsers ? { unknownUsers } : {}), ...(counts ? { counts } : {}) };
    });
  }

  /** A command that waits here counts to its tenant's share, as one that waits for its group does. */
  async #counted(app: string, learn: () => Promise<Learned>): Promise<Learned> {
    const leave = this.parts.inFlight.enter(app, 'group', 0);
    try {
      return await learn();
    } finally {
      leave();
    }
  }
}

async function unknownAmong(
  directory: UserDirectory,
  users: readonly string[],
): Promise<NonNullable<Learned['unknownUsers']>> {
  try {
    return await directory.unknownAmong(users);
  } catch (error) {
    if (error instanceof DirectoryAway) return 'unavailable';
    throw error;
  }
}
