import type { EventDeclaration, EventTypes, Owned } from '@cohort/contracts';
import type { BeginHandler, GroupHandler, OpenFeature, UserHandler } from './feature';
import type { LogEvent } from './log-event';
import type { Category } from './tables/gaps';
import type { GroupRow } from './tables/groups';

/** Types of events with the newest version of each that can be applied. */
export type EventVersions = Readonly<Record<Category, Readonly<Record<string, DeclaredEvent>>>>;
type DeclaredEvent = Pick<EventDeclaration, 'version'> & Partial<EventDeclaration>;

/** How an event type is applied. */
interface Handling<H> {
  /** The newest version that can be applied. */
  readonly version: number;
  /** Makes the group's row. */
  readonly begin?: BeginHandler<never>;
  readonly apply?: H;
}

/** The handlers of all features, by event type. */
export class EventHandlers {
  readonly group: ReadonlyMap<string, Handling<GroupHandler<never>>>;
  readonly user: ReadonlyMap<string, Handling<UserHandler<never>>>;
  readonly userBan: ReadonlyMap<string, Handling<UserHandler<never>>>;
  readonly userNumber: ReadonlyMap<string, Handling<UserHandler<never>>>;
  /** The declarations by which stored events are read. */
  readonly types: Readonly<Record<Category, EventTypes>>;

  constructor(
    private readonly features: readonly OpenFeature[],
    versions: EventVersions,
  ) {
    this.types = {
      group: declarations(versions.group),
      user: declarations(versions.user),
      userBan: declarations(versions.userBan),
      userNumber: declarations(versions.userNumber),
    };
    const begins = byName('begins', features);
    this.group = handlings(versions.group, byName('group', features), begins);
    this.user = handlings(versions.user, byName('user', features));
    this.userBan = handlings(versions.userBan, byName('userBan', features));
    this.userNumber = handlings(versions.userNumber, byName('userNumber', features));
  }

  /** What features do with every event of a group. */
  each(group: GroupRow, event: LogEvent): void {
    for (const feature of this.features) feature.each?.(group, event);
  }

  /** Whether an event of this type and version can be applied. */
  knows(category: Category, type: string, version: number): boolean {
    return version <= (this[category].get(type)?.version ?? 0);
  }

  /** Deletes what all features have of a group. */
  eraseGroup(group: GroupRow): void {
    for (const feature of this.features) feature.eraseGroup?.(group);
  }

  /** Deletes what all features have of one of a user's streams. */
  eraseOfUser(category: Exclude<Category, 'group'>, user: Owned): void {
    for (const feature of this.features) feature[ERASE[category]]?.(user);
  }
}

const ERASE = { user: 'eraseUser', userBan: 'eraseUserBan', userNumber: 'eraseUserNumber' } as const;

/** Tests declare events by their versions alone. */
const declarations = (versions: EventVersions[Category]): EventTypes =>
  Object.fromEntries(
    Object.entries(versions).map(([type, declared]) => [
      type,
      { upcasters: [], shape: { fault: () => undefined, declares: () => false }, ...declared },
    ]),
  );

function handlings<H>(
  versions: EventVersions[Category],
  apply: ReadonlyMap<string, H>,
  begins: ReadonlyMap<string, BeginHandler<never>> = new Map(),
): Map<string, Handling<H>> {
  const types = [...new Set([...begins.keys(), ...apply.keys()])];
  return new Map(
    types.map((type) => {
      const declared = versions[type];
      if (declared === undefined)
        throw new Error(`The read model applies "${type}", which is no event of the contracts.`);
      return [type, { version: declared.version, begin: begins.get(type), apply: apply.get(type) }];
    }),
  );
}

type Part = 'begins' | 'group' | 'user' | 'userBan' | 'userNumber' | 'queries' | 'lookups';
type In<K extends Part> = NonNullable<OpenFeature[K]>[keyof NonNullable<OpenFeature[K]>];

/** One part of all features, as one table. Throws if two features have the same name in it. */
export function byName<K extends Part>(part: K, features: readonly OpenFeature[]): Map<string, In<K>> {
  const all = new Map<string, In<K>>();
  for (const feature of features) {
    for (const [name, value] of Object.entries(feature[part] ?? {})) {
      if (all.has(name)) throw new Error(`Two features of the read model have "${name}" in their ${part}.`);
      all.set(name, value as In<K>);
    }
  }
  return all;
}
