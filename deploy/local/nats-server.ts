import { judgeNats, parseNatsAddress, PRIVATE_FILE, whyUnusable } from '@cohort/surroundings';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PartSpec } from './part';

/**
 * The largest message. A sync of 5,000 groups with their names may exceed nats-server's default of 1 MiB. nats-server advises
 * against more than 8 MiB.
 */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

/** Writes nats-server's configuration into its folder, and returns the path of the file. */
export function writeNatsConfig(folder: string): string {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.ports')) rmSync(join(folder, name));
  }
  const file = join(folder, 'nats-server.conf');
  const quoted = (text: string): string => JSON.stringify(text);
  const config = [
    '# Written by `npm start`.',
    'server_name: cohort',
    'host: 127.0.0.1',
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    // The default, three quarters of the free disk, could be less than the limit of a stream.
    `jetstream { store_dir: ${quoted(folder)}, max_file_store: 1TB }`,
    `ports_file_dir: ${quoted(folder)}`,
    'logtime: false',
    '',
  ].join('\n');
  // An unchanged file isn't written again: on a full disk, that would empty it.
  if (!existsSync(file) || readFileSync(file, 'utf8') !== config) {
    writeFileSync(file, config, { mode: PRIVATE_FILE });
  }
  return file;
}

/**
 * Returns a command that runs the program, and that the kernel ends when this process is killed. A nats-server, unlike the
 * processes of Cohort, doesn't notice that by itself. Only Linux can do it. Elsewhere the program runs on, and the next
 * launcher ends it.
 */
export function endedWithLauncher(command: string, args: readonly string[]): Pick<PartSpec, 'command' | 'args'> {
  const set = ['--pdeathsig', 'TERM', '--'];
  const isPossible = process.platform === 'linux' && spawnSync('setpriv', [...set, 'true']).status === 0;
  return isPossible ? { command: 'setpriv', args: [...set, command, ...args] } : { command, args };
}

/** After this time, a nats-server on a known port is no longer expected to write its ports: its disk may be full. */
const PORTS_WITHIN_MS = 2_000;

/**
 * Resolves with the address of a new nats-server once it answers there. The server writes its address into a file, so that
 * another server on the same port isn't mistaken for it.
 *
 * @param port Its port, or 0 if it selects one.
 */
export async function whenNatsAnswers(folder: string, pid: number, port: number, signal: AbortSignal): Promise<string> {
  const began = Date.now();
  for (;;) {
    const isLate = port !== 0 && Date.now() - began > PORTS_WITHIN_MS;
    const known = isLate ? `nats://127.0.0.1:${port}` : undefined;
    const url = readPortsFile(join(folder, `nats-server_${pid}.ports`)) ?? known;
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

/** Whether a nats-server sends its `INFO` at one of these addresses (a list with commas, as in NATS_URL). */
export async function natsAnswers(urls: string): Promise<boolean> {
  const { nodes, shown } = parseNatsAddress(urls);
  return (await whyUnusable(nodes, shown, judgeNats)) === undefined;
}
