import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CohortClient, ImportLineError, importGroups, type ImportProgress } from '@cohort/client';
import { StartError } from '@cohort/process';
import { messageOf } from '@cohort/surroundings';
import { UsageError, type CommandLine } from './command-line';

const DEFAULT_NATS_URL = 'nats://127.0.0.1:4222';
/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 1_000;

/** Imports groups from a file (docs/features/imports.md). */
export const importFile: CommandLine = {
  usage: '<file.ndjson | -> --app <id> [--nats <url>]',
  summary: 'imports groups with their members from a file; run again after a failure, it goes on where it was',
  options: { app: { type: 'string' }, nats: { type: 'string' } },
  run: async ({ values: { app, nats }, positionals, env }) => {
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new UsageError('One file is required.');
    if (typeof app !== 'string') throw new UsageError('--app is required.');
    const servers = typeof nats === 'string' ? nats : (env.NATS_URL ?? DEFAULT_NATS_URL);
    const input = file === '-' ? process.stdin : await opened(file);
    const missing = new Promise<never>((_, reject) => {
      input.once('error', (error: Error) => reject(unreadable(file, error)));
    });
    // It may fail before anything awaits it.
    missing.catch(() => undefined);
    const client = await connected(servers);
    const started = performance.now();
    try {
      const lines = createInterface({ input, crlfDelay: Infinity });
      const importing = importGroups(client, lines, { app, onProgress: progressLines(started) });
      const { groups, members } = await Promise.race([importing, missing]);
      return `${counted(groups, 'group')} with ${counted(members, 'member')} in ${seconds(started).toFixed(1)} s`;
    } catch (error) {
      if (error instanceof ImportLineError) throw new StartError(error.message);
      throw error;
    } finally {
      await client.close();
    }
  },
};

async function connected(servers: string): Promise<CohortClient> {
  try {
    return await CohortClient.connect({ servers, name: 'cohort-import' });
  } catch (error) {
    throw new StartError(`${messageOf(error)} Check --nats or NATS_URL.`);
  }
}

async function opened(file: string): Promise<Readable> {
  try {
    return (await open(file)).createReadStream();
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown): StartError =>
  new StartError(`The file ${file} can't be read: ${messageOf(error)}`);

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const seconds = (since: number): number => (performance.now() - since) / 1_000;

/** Writes to stderr how far a group is: at most a line a second, and one at its end. */
function progressLines(started: number): (progress: ImportProgress) => void {
  let last = started;
  return ({ groupId, members, done }) => {
    const now = performance.now();
    if (!done && now - last < PROGRESS_MS) return;
    last = now;
    process.stderr.write(
      `${groupId}: ${counted(members, 'member')}${done ? ', complete' : ''} (${seconds(started).toFixed(1)} s)\n`,
    );
  };
}
