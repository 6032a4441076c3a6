import type { AppSettings } from '@cohort/contracts';

/** An app, as one dialect sees it. */
export interface Tenant<Settings> {
  readonly app: AppSettings;
  readonly settings: Settings;
}

/**
 * The apps that a dialect can reach, by the key with which its callers name them. Two apps with one key would see each
 * other's groups, so that is an error at start.
 */
export function appsByKey<Settings>(
  apps: readonly AppSettings[],
  settingsOf: (app: AppSettings) => Settings | undefined,
  keyOf: (settings: Settings) => string,
): ReadonlyMap<string, Tenant<Settings>> {
  const byKey = new Map<string, Tenant<Settings>>();
  for (const app of apps) {
    const settings = settingsOf(app);
    if (settings === undefined) continue;
    const key = keyOf(settings);
    const other = byKey.get(key);
    if (other)
      throw new Error(`The apps "${other.app.id}" and "${app.id}" have the same key "${key}": each needs its own.`);
    byKey.set(key, { app, settings });
  }
  return byKey;
}
