import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CohortClient } from '@cohort/client';
import { newDataDir, startProduct, type Product } from '../support/product';
import { TenantClient } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';
import { Random } from './random';

export interface KillEveryOptions {
  readonly seed: string;
  readonly seconds: number;
  /** The shortest and the longest pause between two kills, in milliseconds. */
  readonly everyMs: readonly [number, number];
  readonly log?: (line: string) => void;
}

export interface KillEveryReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** The longest time in which no command was acknowledged. */
  readonly longestSilenceMs: number;
  /** Acknowledged groups that aren't there, or not once. */
  readonly lost: readonly string[];
  /** The last lines of the launcher and its parts. */
  readonly output: string;
}

const CALLERS = 4;
const SERVICE = { app: 'demo', actor: { type: 'service' } } as const;
const ATTEMPT_MS = 2_000;
const PAUSE_MS = 20;
const AT_REST_MS = 120_000;
/** Groups that are looked at in parallel at the end. */
const AT_ONCE = 32;

/**
 * Kills one process of `npm start` after the other, without waiting until the last one is back, while callers create groups.
 * Each process may be hit, also one that is just being started. Measures the longest time without an acknowledged command.
 */
export async function killEvery(options: KillEveryOptions): Promise<KillEveryReport> {
  const { seed, seconds, everyMs, log = () => undefined } = options;
  const data = await newDataDir();
  const product = await startProduct({ dataDir: data.path });
  const random = new Random(seed).named('kills');
  const acknowledged: string[] = [];
  let longestSilenceMs = 0;
  let lastAt = performance.now();
  const silence = () => (longestSilenceMs = Math.max(longestSilenceMs, Math.round(performance.now() - lastAt)));
  let over = false;
  const client = await CohortClient.connect({ servers: product.running().nats.url, reconnectTimeWait: 50 });
  const caller = async (name: string): Promise<void> => {
    for (let n = 0; !over; n++) {
      const groupId = `${name}-${n}`;
      const command = {
        ...SERVICE,
        commandId: `make-${groupId}`,
        groupId,
        name: groupId,
        owner: 'u1',
        members: ['u2'],
      };
      const attempt = () => client.command('create', command, { timeoutMs: ATTEMPT_MS }).then(...TRUE_OR_FALSE);
      // What was begun is finished, as callers do whose answer was lost.
      while (!(await attempt())) await delay(PAUSE_MS);
      silence();
      lastAt = performance.now();
      acknowledged.push(groupId);
      await delay(PAUSE_MS);
    }
  };
  let kills = 0;
  try {
    lastAt = performance.now();
    const callers = Array.from({ length: CALLERS }, (_, n) => caller(`caller${n}`));
    const end = performance.now() + seconds * 1_000;
    while (performance.now() < end) {
      await delay(random.between(...everyMs));
      const victim = random.pick(childrenOf(product));
      if (victim === undefined || !kill(victim)) continue;
      kills += 1;
      log(`${kills} kills, ${acknowledged.length} acknowledged, longest silence ${silence()} ms`);
    }
    over = true;
    await Promise.all(callers);
    const lost = await lostOf(client, acknowledged);
    return {
      kills,
      acknowledged: acknowledged.length,
      longestSilenceMs,
      lost,
      output: product.output().slice(-20_000),
    };
  } finally {
    over = true;
    await client.close().catch(() => undefined);
    await product.stop();
    await data.remove();
  }
}

const TRUE_OR_FALSE = [() => true, () => false] as const;

/** The processes that the launcher has started and that haven't ended. */
function childrenOf({ dataDir }: Product): number[] {
  const file = JSON.parse(readFileSync(join(dataDir, 'launcher.json'), 'utf8')) as { children: { pid: number }[] };
  return file.children.map(({ pid }) => pid);
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

async function lostOf(client: CohortClient, acknowledged: readonly string[]): Promise<string[]> {
  const last = { ...SERVICE, commandId: 'the-last', groupId: 'the-last', name: 'The last', owner: 'u1' };
  let after = '';
  await waitFor(() => client.command('create', last).then((answer) => (after = answer.position) !== ''), {
    withinMs: AT_REST_MS,
  });
  await waitFor(
    () => client.query('status', { app: 'demo', after }, { timeoutMs: ATTEMPT_MS }).then(...TRUE_OR_FALSE),
    {
      withinMs: AT_REST_MS,
    },
  );
  const tenant = TenantClient.over(client, 'demo');
  const lost: string[] = [];
  const check = async (groupId: string): Promise<void> => {
    const types = (await tenant.eventsOf(groupId)).map(({ type }) => type).join(' ');
    if (types !== 'created memberJoined') lost.push(`${groupId}: ${types}`);
  };
  for (let from = 0; from < acknowledged.length; from += AT_ONCE) {
    await Promise.all(acknowledged.slice(from, from + AT_ONCE).map(check));
  }
  return lost;
}

/** `npm run test:kills -- --minutes 6 --kill-every 2-5`: ends with 1 if nothing was acknowledged for 15 s, or something is lost. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '6' },
      'kill-every': { type: 'string', default: '2-5' },
      seed: { type: 'string', default: String(Date.now()) },
    },
  });
  const [from, to] = values['kill-every'].split('-').map((text) => Number(text) * 1_000);
  if (!(from! >= 0) || !(to! >= from!)) throw new Error('--kill-every must be two numbers of seconds, such as 2-5.');
  const seconds = Number(values.minutes) * 60;
  const report = await killEvery({
    seed: values.seed,
    seconds,
    everyMs: [from!, to!],
    log: (line) => console.log(line),
  });
  const { kills, acknowledged, longestSilenceMs, lost } = report;
  console.log(`
seed             ${values.seed}
kills            ${kills}
acknowledged     ${acknowledged}
longest silence  ${longestSilenceMs} ms
lost             ${lost.length}`);
  for (const line of lost.slice(0, 20)) console.log(`- ${line}`);
  process.exit(lost.length > 0 || longestSilenceMs > LONGEST_SILENCE_MS ? 1 : 0);
}

export const LONGEST_SILENCE_MS = 15_000;

if (require.main === module) void main();
