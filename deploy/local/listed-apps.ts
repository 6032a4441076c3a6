import { loadApps } from '@cohort/process';
import { shellWord } from './shell-word';

/** Apps that the banner lists. */
const MOST_LISTED = 10;

/** A tenant of `APPS_FILE`, without its secrets. */
interface ListedApp {
  readonly id: string;
  /** The keys of its blocks. */
  readonly dialects: readonly string[];
  /** Whether `npx cohort token` can sign a token of it. */
  readonly signsTokens: boolean;
}

/** The tenants of the file; none if it can't be read any more: the processes have read it before. */
function listedApps(file: string): readonly ListedApp[] {
  try {
    return loadApps({ APPS_FILE: file }).map(({ id, dialects = {} }) => {
      const { appId, secret } = (dialects.lanying ?? {}) as Readonly<Record<string, unknown>>;
      return {
        id,
        dialects: Object.keys(dialects),
        signsTokens: typeof appId === 'string' && typeof secret === 'string',
      };
    });
  } catch {
    return [];
  }
}

/** The id and the dialects of each app of the file, and a line that makes a token or a group of it. `create` writes the latter. */
export function appLines(file: string, create: (app: string) => string): string[] {
  const apps = listedApps(file);
  const shown = apps.slice(0, MOST_LISTED);
  const more = apps.length - shown.length;
  return [
    ...shown.flatMap(({ id, dialects, signsTokens }) => [
      `  ${id} (${dialects.length === 0 ? 'NATS alone' : dialects.join(', ')}):`,
      `    ${signsTokens ? `APPS_FILE=${shellWord(file)} npx cohort token --app ${id} --user 20` : create(id)}`,
    ]),
    ...(more === 0 ? [] : [`  and ${more} more.`]),
  ];
}
