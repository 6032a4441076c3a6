import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Bench } from './bench';
import { coldCommand } from './figures/cold';
import { commands, commandsAlone } from './figures/commands';
import { domain } from './figures/domain';
import { rebuild, relay } from './figures/following';
import { http } from './figures/http';
import { imports } from './figures/imports';
import { lag } from './figures/lag';
import { lanying } from './figures/lanying';
import { memory } from './figures/memory';
import { queries } from './figures/queries';
import { report, table, type Figure } from './report';
import { ProcessEnded } from './processes';
import { Service, type Profiled } from './service';

/** In this order: each finds the groups and the running processes as those before it left them. */
const FIGURES: Readonly<Record<string, (bench: Bench) => Promise<Figure[]>>> = {
  memory,
  queries,
  domain,
  http,
  lanying,
  commands,
  lag,
  relay,
  alone: commandsAlone,
  rebuild,
  cold: coldCommand,
  imports,
};

const PARTS = ['event-store', 'command', 'query', 'worker', 'gateway'] as const;

const USAGE = `npm run bench -- [--quick] [--only FIGURES] [--json FILE] [--profile PART]

Starts the service in a temporary directory, measures it beside the engines under it, and prints a table and the same as
JSON.

--quick    shorter, in about four minutes instead of twenty; the figures are rougher
--only     some figures: ${Object.keys(FIGURES).join(', ')};
           queries, domain, http and imports need the groups that memory makes
--json     writes the JSON to this file too
--profile  leaves a .cpuprofile of a part in the current folder: ${PARTS.join(', ')}`;

/** `npm run bench`. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(FIGURES).join() },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const profiled = PARTS.find((part) => part === values.profile);
  if (values.profile !== undefined && !profiled) throw new Error(`--profile is one of ${PARTS.join(', ')}.`);
  const { quick } = values;
  const only = values.only.split(',');
  const unknown = only.find((name) => !(name in FIGURES));
  if (unknown !== undefined) throw new Error(`--only knows ${Object.keys(FIGURES).join(', ')}, not "${unknown}".`);
  const { figures, natsServer } = await measure(only, quick, profiled);
  const measured = report(figures, natsServer, quick);
  const json = JSON.stringify(measured);
  console.log(`\n${table(measured)}\n\n${json}`);
  if (values.json !== undefined) await writeFile(values.json, `${json}\n`);
}

async function measure(only: readonly string[], quick: boolean, profiled: Profiled) {
  const window = quick ? { warmUpMs: 1_000, measureMs: 1_500 } : { warmUpMs: 2_000, measureMs: 6_000 };
  const service = await Service.start(profiled);
  try {
    const bench: Bench = { service, quick, window, rounds: quick ? 1 : 3 };
    const figures: Figure[] = [];
    for (const [name, take] of Object.entries(FIGURES)) {
      if (!only.includes(name)) continue;
      const start = performance.now();
      try {
        figures.push(...(await service.whileAlive(take(bench))));
      } catch (error) {
        if (error instanceof ProcessEnded) throw error;
        // The others count all the same.
        console.error(error);
        process.exitCode = 1;
      }
      console.log(`${name}: ${((performance.now() - start) / 1_000).toFixed(1)} s`);
    }
    return { figures, natsServer: service.connection.info?.version ?? '' };
  } finally {
    await service.stop();
  }
}
