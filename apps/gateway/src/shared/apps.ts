import type { AppSettings } from '@cohort/contracts';

/** An app, as one dialect sees it. */
export interface Tenant<Settings> {
  readonly app: AppSettings;
  readonly settings: Settings;
}

/** The apps that a dialect can reach, by the key with which its callers name them, which is unique (see `loadApps`). */
export function appsByKey<Settings>(
  apps: readonly AppSettings[],
  settingsOf: (app: AppSettings) => Settings | undefined,
  keyOf: (settings: Settings) => string,
): ReadonlyMap<string, Tenant<Settings>> {
  return new Map(
    apps.flatMap((app) => {
      const settings = settingsOf(app);
      return settings === undefined ? [] : [[keyOf(settings), { app, settings }]];
    }),
  );
}
