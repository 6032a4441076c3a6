import { oncePer, type AppSettings } from '@cohort/contracts';
import { AskedUsers, type DirectoryParts } from './asked-users';

/** The users that a tenant has. */
export interface UserDirectory {
  /**
   * Those of these users whom the directory doesn't know.
   *
   * @throws DirectoryAway it gave no usable answer in time
   */
  unknownAmong(userIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Milliseconds between two warnings about a tenant's directory. */
const WARN_EVERY_MS = 10_000;

/** The user directories of the tenants that have one. */
export class UserDirectories {
  readonly #directories = new WeakMap<AppSettings, UserDirectory>();
  readonly #parts: Pick<DirectoryParts, 'bus' | 'now'>;
  readonly #log: { warn(fields: object, message: string): void };

  constructor(
    bus: DirectoryParts['bus'],
    {
      log,
      now = () => performance.now(),
    }: { log: { warn(fields: object, message: string): void }; now?: () => number },
  ) {
    this.#parts = { bus, now };
    this.#log = log;
  }

  /** Undefined for a tenant without one. */
  of(app: AppSettings): UserDirectory | undefined {
    if (app.userDirectory === undefined) return undefined;
    let directory = this.#directories.get(app);
    if (directory === undefined) this.#directories.set(app, (directory = this.#open(app)));
    return directory;
  }

  #open({ id: app, userDirectory: { users, subject = '', ...settings } = {} }: AppSettings): UserDirectory {
    if (users !== undefined) return listed(new Set(users));
    const passes = oncePer(WARN_EVERY_MS);
    const onAway = (why: string): void => {
      const times = passes();
      if (times > 0)
        this.#log.warn({ app, subject, why, times }, 'The user directory of a tenant gave no usable answer');
    };
    return new AskedUsers(app, { ...settings, subject }, { ...this.#parts, onAway });
  }
}

const listed = (users: ReadonlySet<string>): UserDirectory => ({
  unknownAmong: (userIds) => Promise.resolve(new Set(userIds.filter((userId) => !users.has(userId)))),
});
