import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { CohortClient, CohortError, ImportLineError, importGroups, type ImportProgress } from '@cohort/client';
import { StartError } from '@cohort/process';
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
    const input = file === '-' ? process.stdin : createReadStream(file);
    const missing = new Promise<never>((_, reject) => {
      input.once('error', (error: Error) => reject(new StartError(`The file ${file} can't be read: ${error.message}`)));
    });
    const client = await connected(servers);
    const started = performance.now();
    try {
      const lines = createInterface({ input, crlfDelay: Infinity });
      const importing = importGroups(client, lines, { app, onProgress: progressLines(started) });
      const { groups, members } = await Promise.race([importing, missing]);
      return `${groups} groups with ${members} members in ${seconds(started).toFixed(1)} s`;
    } catch (error) {
      if (error instanceof ImportLineError) throw new StartError(error.message);
      if (error instanceof CohortError)
        throw new StartError(`${error.code}: ${error.message} ${detailsOf(error)}`.trim());
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
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`NATS can't be reached (${why}): check --nats or NATS_URL.`);
  }
}

const detailsOf = ({ details }: CohortError): string => (details === undefined ? '' : JSON.stringify(details));

const seconds = (since: number): number => (performance.now() - since) / 1_000;

/** Writes to stderr how far a group is: at most a line a second, and one at its end. */
function progressLines(started: number): (progress: ImportProgress) => void {
  let last = started;
  return ({ groupId, members, done }) => {
    const now = performance.now();
    if (!done && now - last < PROGRESS_MS) return;
    last = now;
    process.stderr.write(
      `${groupId}: ${members} members${done ? ', complete' : ''} (${seconds(started).toFixed(1)} s)\n`,
    );
  };
}
