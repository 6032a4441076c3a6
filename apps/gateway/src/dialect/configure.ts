import type { AppSettings } from '@cohort/contracts';
import { namingApps, StartError } from '@cohort/process';
import type { Dialect } from './dialect';
import type { Served, Serving } from './serve';

/**
 * Checks the dialects' blocks of all tenants. Throws a `StartError` that names every bad key by its tenant and its path.
 * Without a file there is the tenant `demo` alone, and each dialect adds its demo block. In production, keys of the demo and
 * weak secrets are bad.
 */
export function configure(
  dialects: readonly Dialect[],
  apps: readonly AppSettings[],
  appsFile: string | undefined,
  production = false,
): (context: Serving) => Served[] {
  const demo = Object.fromEntries(dialects.map(({ key, demo: { settings } }) => [key, settings]));
  const given = appsFile === undefined ? apps.map((app) => ({ ...app, dialects: demo })) : apps;
  const problems = unknownBlocks(dialects, given);
  const configured = dialects.map((dialect) => dialect.configure(given, problems, production));
  if (problems.length > 0) throw new StartError(`APPS_FILE ${appsFile}: ${namingApps(problems, given).join('; ')}`);
  return (context) => configured.map((serve) => serve(context));
}

function unknownBlocks(dialects: readonly Dialect[], apps: readonly AppSettings[]): string[] {
  const keys = dialects.map(({ key }) => key);
  return apps.flatMap(({ dialects: blocks = {} }, index) =>
    Object.keys(blocks)
      .filter((key) => !keys.includes(key))
      .map((key) => `apps.${index}.${key} is not a dialect that is served here: ${keys.join(', ')}`),
  );
}
