import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The suites on production's servers, in the place of the embedded event store and of the nats-server on the PATH. Needs a
 * container engine that shares this machine's network, as on Linux; `npm test` counts these tests as skipped without one.
 * EVENTSTORE_IMAGE and NATS_IMAGE name other images.
 */
const EVENTSTORE_IMAGE = process.env.EVENTSTORE_IMAGE ?? 'eventstore/eventstore:23.10.1-bookworm-slim';
const NATS_IMAGE = process.env.NATS_IMAGE ?? 'nats:2.10';

const ROOT = resolve(__dirname, '../..');
const HOUR_MS = 3_600_000;
const IN_CONTAINER = `${process.execPath} ${join(__dirname, 'run-image.cjs')}`;
const SETTINGS = {
  EVENTSTORE_COMMAND:
    process.env.EVENTSTORE_COMMAND ??
    `${IN_CONTAINER} --env EVENTSTORE_INSECURE=true --env EVENTSTORE_CLUSTER_SIZE=1 --env EVENTSTORE_NODE_PORT={port} ` +
      `--env EVENTSTORE_DB={folder}/db --env EVENTSTORE_LOG={folder}/log --env EVENTSTORE_INDEX={folder}/index ${EVENTSTORE_IMAGE}`,
  NATS_SERVER_COMMAND: process.env.NATS_SERVER_COMMAND ?? `${IN_CONTAINER} ${NATS_IMAGE}`,
  // A first start may get the image.
  TEST_READY_SECONDS: '300',
};

interface Outcome {
  readonly name: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

/** Runs a command of this repository with the settings. Resolves with its exit code and the last of its output. */
async function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  // Not Jest's own variables, which name this run's host.
  const kept = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|DOCKER_.*|TESTCONTAINERS_.*)$/.test(name));
  const env = { ...Object.fromEntries(kept), ...SETTINGS };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const runJest = (...args: string[]) => run([join(ROOT, 'node_modules/jest/bin/jest.js'), ...args]);
const isAboutEmbeddedStore = ({ name }: Outcome) => readFileSync(name, 'utf8').includes("'embedded event store'");

test(
  'every integration spec that is not about the embedded event store passes on EventStoreDB and nats-server from images',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cohort-containers-'));
    try {
      const file = join(folder, 'report.json');
      const { code, output } = await runJest(
        '--selectProjects',
        'integration',
        '--maxWorkers=1',
        '--json',
        `--outputFile=${file}`,
      );
      const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as { testResults: Outcome[] };
      const not = (statuses: readonly string[], files: readonly Outcome[]) =>
        files.flatMap(({ assertionResults }) =>
          assertionResults.filter(({ status }) => !statuses.includes(status)).map(({ fullName }) => fullName),
        );
      expect(testResults.length).toBeGreaterThan(40);
      expect(not(['passed', 'pending'], testResults)).toEqual([]);
      expect(
        not(
          ['passed'],
          testResults.filter((one) => !isAboutEmbeddedStore(one)),
        ),
      ).toEqual([]);
      expect({ code, output }).toEqual({ code: 0, output });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  HOUR_MS,
);

test(
  'the fault run loses nothing and doubles nothing on EventStoreDB and nats-server from images',
  async () => {
    const { code, output } = await run([
      '-r',
      './test/support/ts-register.cjs',
      'test/faults/main.ts',
      '--minutes',
      '0',
      '--seed',
      '4',
    ]);
    expect({ code, output }).toEqual({ code: 0, output });
  },
  HOUR_MS,
);

test(
  'the benchmark measures all figures on EventStoreDB and nats-server from images',
  async () => {
    const { code, output } = await run(['test/bench/run.cjs', '--quick']);
    expect({ code, output }).toEqual({ code: 0, output });
  },
  HOUR_MS,
);
