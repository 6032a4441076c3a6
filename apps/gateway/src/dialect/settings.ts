import { CohortError, parseDto, type AppSettings, type FieldError } from '@cohort/contracts';
import { IsInt, Length, Max, Min } from 'class-validator';
import type { DialectSpec } from './spec';
import type { Tenant, Tenants } from './tenants';

/** A key or a secret: messages never show its value. */
export const IsKey = (): PropertyDecorator =>
  Length(1, 256, { message: '$property must be a text of 1 to 256 characters' });

export const IsCount =
  (max: number): PropertyDecorator =>
  (target, key) => {
    for (const decorate of [IsInt(), Min(1), Max(max)]) decorate(target, key);
  };

/** The tenants that have a block for this dialect, by its key. Each bad field adds a sentence to `problems`. */
export function tenantsOf<S extends object, E extends Error>(
  { key, settings: type, tenantKey }: DialectSpec<S, E>,
  apps: readonly AppSettings[],
  problems: string[],
): Tenants<S> {
  const tenants = new Map<string, Tenant<S>>();
  apps.forEach(({ id, dialects }, index) => {
    const block = dialects?.[key];
    if (block === undefined) return;
    try {
      const settings = parseDto(type, block, Infinity);
      const named = tenantKey.of(settings);
      if (tenants.has(named)) problems.push(`two apps have the same ${key}.${tenantKey.name} "${named}"`);
      else tenants.set(named, { id, settings });
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
