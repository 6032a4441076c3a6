import { readFileSync } from 'node:fs';
import {
  CohortError,
  FORBIDDEN_WORDS,
  isAppId,
  IsAppId,
  IsLine,
  IsList,
  IsWhole,
  LIMITS,
  MOST_PENDING_MS,
  MOST_PER_GROUP,
  Nested,
  Optional,
  OWNER_POLICIES,
  parseDto,
  type AppLimits,
  TENANT_DEFAULTS,
  type AppSettings,
  type FieldError,
  type OwnerPolicy,
} from '@cohort/contracts';
import { codeOf, messageOf } from '@cohort/surroundings';
import { Allow, ArrayMinSize, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import { faultyLine } from './json-line';
import { StartError } from './start-error';
import { HasUsersOrSubject, UserDirectory } from './user-directory';

class Limits implements Partial<AppLimits> {
  @Optional()
  @IsWhole(0, MOST_PER_GROUP)
  announcementsPerGroup?: number;

  @Optional()
  @IsWhole(0, MOST_PER_GROUP)
  filesPerGroup?: number;

  @Optional()
  @IsWhole(0)
  fileBytes?: number;

  @Optional()
  @IsWhole(1, MOST_PENDING_MS)
  applicationMs?: number;

  @Optional()
  @IsWhole(1, MOST_PENDING_MS)
  invitationMs?: number;

  @Optional()
  @IsWhole(0)
  groups?: number;

  @Optional()
  @IsWhole(0)
  groupsOwnedPerUser?: number;

  @Optional()
  @IsWhole(0)
  groupsJoinedPerUser?: number;
}

class App implements AppSettings {
  @IsAppId()
  id!: string;

  @IsIn(OWNER_POLICIES)
  ownerPolicy: OwnerPolicy = TENANT_DEFAULTS.ownerPolicy;

  @IsInt()
  @Min(1)
  @Max(LIMITS.capacity)
  groupCapacity: number = TENANT_DEFAULTS.groupCapacity;

  @IsInt()
  @Min(0)
  @Max(LIMITS.capacity)
  maxAdmins: number = TENANT_DEFAULTS.maxAdmins;

  @Optional()
  @IsList(FORBIDDEN_WORDS.count)
  @IsLine(FORBIDDEN_WORDS.length, 1, { each: true })
  forbiddenWords?: string[];

  @Optional()
  @Nested(() => Limits)
  limits?: Limits;

  @IsBoolean()
  numericUserIds = false;

  @Optional()
  @HasUsersOrSubject()
  @Nested(() => UserDirectory)
  userDirectory?: UserDirectory;

  @Allow()
  dialects: Readonly<Record<string, unknown>> = {};
}

class AppsFile {
  @IsArray()
  @ArrayMinSize(1, { message: 'apps must list at least one app' })
  @Nested(() => App, { each: true })
  apps!: App[];
}

/** The tenant that exists if `APPS_FILE` names no file. Each dialect adds its public keys: never in production. */
export const DEMO_APP = { id: 'demo', numericUserIds: true } as const;

/**
 * The tenants of `APPS_FILE`, or the demo tenant. Throws a `StartError` that names every bad key by its tenant and its path.
 * Blocks of dialects are not checked here.
 */
export function loadApps({ APPS_FILE, NODE_ENV }: { APPS_FILE?: string; NODE_ENV?: string }): readonly AppSettings[] {
  if (APPS_FILE === undefined) {
    if (NODE_ENV === 'production') {
      throw new StartError('APPS_FILE must name the file that lists the apps: the demo app is not for production.');
    }
    return parseApps({ apps: [DEMO_APP] });
  }
  try {
    const apps = parseApps(parseJson(readUtf8(APPS_FILE)));
    if (NODE_ENV === 'production') refuseDemo(apps);
    return apps;
  } catch (error) {
    throw new StartError(`APPS_FILE ${APPS_FILE}: ${explain(error)}`);
  }
}

/** Reads a file of UTF-8. Some editors begin such a file with a byte order mark, which the decoder removes. */
const readUtf8 = (file: string): string => new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));

function refuseDemo(apps: readonly AppSettings[]): void {
  if (apps.some(({ id }) => id === DEMO_APP.id))
    throw new StartError(`the app "${DEMO_APP.id}" is not for production.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StartError(`it is not well-formed JSON; the fault is in line ${faultyLine(text)}.`);
  }
}

/** The message never has a part of the file but keys and the ids of apps: it contains secrets. */
function explain(error: unknown): string {
  if (error instanceof CohortError || error instanceof StartError) return error.message;
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file.';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it.';
    case 'EISDIR':
      return 'it is a folder.';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not a text in UTF-8.';
    case undefined:
    default:
      return messageOf(error);
  }
}

function parseApps(json: unknown): readonly AppSettings[] {
  const problems: string[] = [];
  const apps = parseTenants(separateBlocks(json, problems), problems);
  const given = isObject(json) && Array.isArray(json.apps) ? (json.apps as unknown[]) : [];
  const ids = apps.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  if (twice !== undefined) problems.push(`two apps have the same id "${twice}"`);
  if (problems.length > 0) throw new CohortError('VALIDATION_FAILED', namingApps(problems, given).join('; '));
  return apps;
}

function parseTenants(json: unknown, problems: string[]): readonly AppSettings[] {
  try {
    return parseDto(AppsFile, json, Infinity).apps;
  } catch (error) {
    if (!(error instanceof CohortError)) throw error;
    const fields = error.details?.fields as readonly FieldError[] | undefined;
    problems.unshift(...(fields?.map(({ message }) => message) ?? [error.message]));
    return [];
  }
}

/**
 * Problems with the ids of the apps that they are about: `app "shop": groupCapacity must ...` for
 * `apps.2.groupCapacity must ...`. An app without a well-formed id keeps its number.
 */
export const namingApps = (problems: readonly string[], apps: readonly unknown[]): string[] =>
  problems.map((problem) =>
    problem.replace(/^(each value in )?apps\.(\d+)\./, (path, each: string | undefined, index: string) => {
      const app = apps[Number(index)];
      return isObject(app) && isAppId(app.id) ? `app "${app.id}": ${each ?? ''}` : path;
    }),
  );

const COMMON: readonly string[] = [
  'id',
  'ownerPolicy',
  'groupCapacity',
  'limits',
  'forbiddenWords',
  'numericUserIds',
  'userDirectory',
  'maxAdmins',
] satisfies (keyof AppSettings)[];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Moves each tenant's keys that aren't common to `dialects`. What is no list of objects is left for the DTOs to reject. */
function separateBlocks(json: unknown, problems: string[]): unknown {
  if (!isObject(json) || !Array.isArray(json.apps)) return json;
  const apps = json.apps.map((app: unknown, index) => {
    if (!isObject(app)) return app;
    const others = Object.entries(app).filter(([key]) => !COMMON.includes(key));
    for (const [key] of others.filter(([, value]) => !isObject(value))) {
      problems.push(`apps.${index}.${key} is neither a known field nor an object with the settings of a dialect`);
    }
    const common = Object.entries(app).filter(([key]) => COMMON.includes(key));
    return { ...Object.fromEntries(common), dialects: Object.fromEntries(others) };
  });
  return { ...json, apps };
}

/** The tenants by their id. */
export class Apps {
  private readonly byId: ReadonlyMap<string, AppSettings>;

  constructor(readonly all: readonly AppSettings[]) {
    this.byId = new Map(all.map((app) => [app.id, app]));
  }

  /** Throws `APP_NOT_FOUND` for a tenant that isn't configured here. */
  get(id: string): AppSettings {
    const app = this.byId.get(id);
    if (app) return app;
    throw new CohortError('APP_NOT_FOUND', `There is no app "${isAppId(id) ? id : '?'}" here.`);
  }
}
