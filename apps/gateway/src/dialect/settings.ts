import { CohortError, parseDto, type AppSettings, type FieldError } from '@cohort/contracts';
import { keepSecret } from '@cohort/surroundings';
import type { ClassConstructor } from 'class-transformer';
import { IsInt, Length, Max, Min } from 'class-validator';
import type { DialectSpec } from './spec';
import type { Tenant, Tenants } from './tenants';
import { whyWeak } from './weak-secret';

/** A key that names a tenant. */
export const IsKey = (): PropertyDecorator =>
  Length(1, 256, { message: '$property must be a text of 1 to 256 characters' });

const SECRETS = new Map<object, Set<string>>();

/** A secret: no message and no log line shows it, and in production it must be hard to guess. */
export const IsSecret = (): PropertyDecorator => (target, key) => {
  IsKey()(target, key);
  SECRETS.set(target, (SECRETS.get(target) ?? new Set()).add(String(key)));
};

const secretsOf = (type: ClassConstructor<object>): readonly string[] => [
  ...(SECRETS.get(type.prototype as object) ?? []),
];

export const IsCount =
  (max: number): PropertyDecorator =>
  (target, key) => {
    for (const decorate of [IsInt(), Min(1), Max(max)]) decorate(target, key);
  };

/**
 * The tenants that have a block for this dialect, by its key. Each bad field adds a sentence to `problems`.
 *
 * @param production The demo's keys and weak secrets are bad, too.
 */
export function tenantsOf<S extends object, E extends Error>(
  spec: DialectSpec<S, E>,
  apps: readonly AppSettings[],
  problems: string[],
  production = false,
): Tenants<S> {
  const { key, settings: type, tenantKey, otherKey } = spec;
  const guarded = new Guard(spec, problems);
  const tenants = new Map<string, Tenant<S>>();
  apps.forEach(({ id, dialects }, index) => {
    const block = dialects?.[key];
    if (block === undefined) return;
    try {
      const settings = parseDto(type, block, Infinity);
      const named = tenantKey.of(settings);
      guarded.hide(settings);
      if (production) guarded.check(settings, `apps.${index}.${key}`);
      const add = (by: KeyOf, value: string) => {
        const there = tenants.get(value);
        if (there === undefined) tenants.set(value, { id, settings });
        else if (there.settings === settings) problems.push(`apps.${index}.${key}.${by.name} is its other key, too`);
        else problems.push(`two apps have the same ${key}.${by.name}${by.secret ? '' : ` "${value}"`}`);
      };
      add(tenantKey, named);
      const other = otherKey?.of(settings);
      if (otherKey !== undefined && other !== undefined) add(otherKey, other);
    } catch (error) {
      if (!(error instanceof CohortError)) throw error;
      const path = `apps.${index}.${key}`;
      const fields = error.details?.fields as readonly FieldError[] | undefined;
      problems.push(
        ...(fields?.map(({ field, message }) => message.replace(field, () => `${path}.${field}`)) ?? [
          `${path} must be an object`,
        ]),
      );
    }
  });
  return tenants;
}

interface KeyOf {
  readonly name: string;
  readonly secret?: true;
}

/** Guards the keys and secrets of a dialect's tenants. */
class Guard {
  private readonly secrets: readonly string[];
  private readonly demo: Readonly<Record<string, unknown>>;
  private readonly seen = new Set<string>();

  constructor(
    { settings, demo }: Pick<DialectSpec<object, Error>, 'settings' | 'demo'>,
    private readonly problems: string[],
  ) {
    this.secrets = secretsOf(settings);
    this.demo = demo.settings as Readonly<Record<string, unknown>>;
  }

  /** Hides the secrets in all that this process writes, but for those of the demo, which are public. */
  hide(settings: object): void {
    for (const [, secret] of this.secretsIn(settings))
      if (!Object.values(this.demo).includes(secret)) keepSecret(secret);
  }

  /** Checks a tenant's keys and secrets for production. */
  check(settings: object, path: string): void {
    const values = settings as Readonly<Record<string, unknown>>;
    const secrets = new Map(this.secretsIn(settings));
    for (const [name, value] of Object.entries(this.demo)) {
      if (typeof value !== 'string' || String(values[name]).trim().toLowerCase() !== value.toLowerCase()) continue;
      this.problems.push(`${path}.${name} is that of the demo app, which is public: not for production`);
      secrets.delete(name);
    }
    for (const [name, secret] of secrets) {
      const why =
        whyWeak(secret) ??
        (this.seen.has(secret) ? 'is that of another app, too' : undefined) ??
        (Object.entries(values).some(([other, value]) => other !== name && value === secret)
          ? 'is that of another key, too'
          : undefined);
      if (why !== undefined) this.problems.push(`${path}.${name} ${why}`);
      this.seen.add(secret);
    }
  }

  private secretsIn(settings: object): readonly (readonly [name: string, secret: string])[] {
    const values = settings as Readonly<Record<string, string | undefined>>;
    return this.secrets.flatMap((name) => {
      const secret = values[name];
      return secret === undefined ? [] : [[name, secret] as const];
    });
  }
}
