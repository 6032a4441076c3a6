import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listens } from './ports';

/**
 * The largest message. A sync of 5,000 groups with their names may take more than the 1 MiB nats-server allows without
 * being asked; beyond 8 MiB it advises against.
 */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

/** Writes nats-server's configuration into its folder and returns the file. Port 0 takes a free one. */
export function writeNatsConfig(folder: string, port: number): string {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.ports')) rmSync(join(folder, name));
  }
  const file = join(folder, 'nats-server.conf');
  const quoted = (text: string): string => JSON.stringify(text);
  writeFileSync(
    file,
    [
      '# Written by `npm start`, anew at each start.',
      'server_name: cohort',
      'host: 127.0.0.1',
      `port: ${port === 0 ? -1 : port}`,
      `max_payload: ${MAX_PAYLOAD_BYTES}`,
      // Not three quarters of what is free on the disk at this moment: a stream's own limit must always fit.
      `jetstream { store_dir: ${quoted(folder)}, max_file_store: 1TB }`,
      `ports_file_dir: ${quoted(folder)}`,
      'logtime: false',
      '',
    ].join('\n'),
  );
  return file;
}

/** Resolves with the address of a nats-server just started, once it answers there. */
export async function whenNatsAnswers(folder: string, pid: number, signal: AbortSignal): Promise<string> {
  for (;;) {
    const url = readPortsFile(join(folder, `nats-server_${pid}.ports`));
    if (url !== undefined && (await natsAnswers(url))) return url;
    await delay(20, undefined, { signal });
  }
}

function readPortsFile(file: string): string | undefined {
  try {
    const ports = JSON.parse(readFileSync(file, 'utf8')) as { nats?: string[] };
    return ports.nats?.[0];
  } catch {
    return undefined;
  }
}

/** Whether a nats-server says its `INFO` at one of these addresses (a list with commas, as NATS_URL takes it). */
export async function natsAnswers(urls: string): Promise<boolean> {
  const answers = urls.split(',').map((text) => {
    const url = new URL(text.includes('://') ? text.trim() : `nats://${text.trim()}`);
    return listens(url, Number(url.port || 4222), 'INFO ');
  });
  return (await Promise.all(answers)).includes(true);
}
