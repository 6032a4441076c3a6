import { readFileSync } from 'node:fs';
import {
  CohortError,
  isAppId,
  IsAppId,
  LIMITS,
  Optional,
  OWNER_POLICIES,
  parseDto,
  type AppSettings,
  type OwnerPolicy,
  type RongCloudSettings,
} from '@cohort/contracts';
import { Type, type ClassConstructor } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { codeOf, messageOf, StartError } from './start-error';

/** Key or secret: never shown in a message. */
const IsKey = () => Length(1, 256, { message: '$property must be a text of 1 to 256 characters' });

const IsHex32 = () => Matches(/^[0-9a-fA-F]{32}$/, { message: '$property must be 32 hexadecimal digits' });

const IsCount = (max: number) => (target: object, key: string) => {
  for (const decorate of [IsInt(), Min(1), Max(max)]) decorate(target, key);
};

const IsDialect = (type: () => ClassConstructor<object>) => (target: object, key: string) => {
  for (const decorate of [
    Optional(),
    IsObject({ message: '$property must be an object' }),
    ValidateNested(),
    Type(type),
  ]) {
    decorate(target, key);
  }
};

class RongCloud implements RongCloudSettings {
  @IsKey()
  appKey!: string;

  @IsKey()
  appSecret!: string;

  @IsBoolean()
  strict = false;

  @IsCount(LIMITS.createMembers)
  groupCapacity = 3_000;

  @IsCount(LIMITS.usersPerCommand)
  usersPerCall = 1_000;
}

class WildfireChat {
  @IsKey()
  secret!: string;
}

class Shengwang {
  @IsHex32()
  appId!: string;

  @IsHex32()
  certificate!: string;
}

class Agora {
  @IsKey()
  org!: string;

  @IsKey()
  app!: string;

  @IsKey()
  clientId!: string;

  @IsKey()
  clientSecret!: string;
}

class Lanying {
  @IsKey()
  appId!: string;

  @IsKey()
  secret!: string;
}

class App implements AppSettings {
  @IsAppId()
  id!: string;

  @IsIn(OWNER_POLICIES)
  ownerPolicy: OwnerPolicy = 'refuse';

  @IsCount(LIMITS.capacity)
  groupCapacity: number = LIMITS.capacity;

  @IsDialect(() => RongCloud)
  rongcloud?: RongCloud;

  @IsDialect(() => WildfireChat)
  wildfirechat?: WildfireChat;

  @IsDialect(() => Shengwang)
  shengwang?: Shengwang;

  @IsDialect(() => Agora)
  agora?: Agora;

  @IsDialect(() => Lanying)
  lanying?: Lanying;
}

class AppsFile {
  @IsArray()
  @ArrayMinSize(1, { message: 'apps must list at least one app' })
  @ValidateNested({ each: true })
  @Type(() => App)
  apps!: App[];
}

/** The app that is there when `APPS_FILE` names none. Its keys are public: never in production. */
export const DEMO_APP = {
  id: 'demo',
  rongcloud: { appKey: 'demo', appSecret: 'demo-secret' },
  wildfirechat: { secret: 'demo-secret' },
  // The public test vector of the vendor's token library.
  shengwang: { appId: '970CA35de60c44645bbae8a215061b33', certificate: '5CFd2fd1755d40ecb72977518be15d3b' },
  agora: { org: 'demo', app: 'demo', clientId: 'demo', clientSecret: 'demo-secret' },
  lanying: { appId: 'demo', secret: 'demo-secret' },
} as const;

/** The apps of `APPS_FILE`, or the demo app. Throws a `StartError` that names every bad key by its path in the file. */
export function loadApps({ APPS_FILE, NODE_ENV }: { APPS_FILE?: string; NODE_ENV?: string }): readonly AppSettings[] {
  if (APPS_FILE === undefined) {
    if (NODE_ENV === 'production') {
      throw new StartError('APPS_FILE must name the file that lists the apps: the demo app is not for production.');
    }
    return parseApps({ apps: [DEMO_APP] });
  }
  try {
    return parseApps(JSON.parse(readFileSync(APPS_FILE, 'utf8')));
  } catch (error) {
    throw new StartError(`APPS_FILE ${APPS_FILE}: ${explain(error)}`, { cause: error });
  }
}

function explain(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not well-formed JSON.';
  if (error instanceof CohortError) return error.message;
  const code = codeOf(error);
  if (code === 'ENOENT') return 'there is no such file.';
  if (code === 'EACCES') return 'this user may not read it.';
  return messageOf(error);
}

function parseApps(json: unknown): readonly AppSettings[] {
  const { apps } = parseDto(AppsFile, json);
  for (const [what, key] of Object.entries(UNIQUE)) {
    const seen = new Set<string>();
    for (const app of apps) {
      const value = key(app);
      if (value === undefined) continue;
      if (seen.has(value)) throw new CohortError('VALIDATION_FAILED', `two apps have the same ${what} "${value}"`);
      seen.add(value);
    }
  }
  return apps;
}

/** What tells apps apart, for us and for each dialect. */
const UNIQUE: Readonly<Record<string, (app: AppSettings) => string | undefined>> = {
  id: ({ id }) => id,
  'rongcloud.appKey': ({ rongcloud }) => rongcloud?.appKey,
  'shengwang.appId': ({ shengwang }) => shengwang?.appId.toLowerCase(),
  'agora.org and agora.app': ({ agora }) => agora && `${agora.org}#${agora.app}`,
  'lanying.appId': ({ lanying }) => lanying?.appId,
};

/** The apps by their id. */
export class Apps {
  private readonly byId: ReadonlyMap<string, AppSettings>;

  constructor(readonly all: readonly AppSettings[]) {
    this.byId = new Map(all.map((app) => [app.id, app]));
  }

  /** Throws `APP_NOT_FOUND` for one that isn't configured here. */
  get(id: string): AppSettings {
    const app = this.byId.get(id);
    if (app) return app;
    throw new CohortError('APP_NOT_FOUND', `There is no app "${isAppId(id) ? id : '?'}" here.`);
  }
}
