import { askJetStream } from '@cohort/bus';
import { FEED_STREAM } from '@cohort/contracts';
import { loadApps, StartError } from '@cohort/process';
import {
  absolutePath,
  keepNewFilesPrivate,
  messageOf,
  parseEventStoreAddress,
  parseNatsAddress,
  stackOf,
} from '@cohort/surroundings';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { banner } from './banner';
import { replaceFile, takeDataDir, type DataDir } from './data-dir';
import { JetStreamWatch } from './jetstream-watch';
import { Lines } from './lines';
import { natsAnswers, whenNatsAnswers, writeNatsConfig } from './nats-server';
import { Part, whenReadyMessage, type Addresses, type PartSpec } from './part';
import { refuseTakenPort } from './ports';
import { identify } from './processes';
import { refuseWithoutEventStore, refuseWithoutNats } from './servers';
import { planLaunch, type LaunchPlan } from './settings';

const LOOPBACK = '127.0.0.1';
const DIST = resolve(__dirname, '../..');
/** A little more than the 8 s after which a process of Cohort ends its own stop. */
const GRACE_MS = 9_000;
const STILL_WAITING_MS = 5_000;
const ASKED_AGAIN_MS = 1_000;
/** Longest time for an answer of JetStream. */
const JETSTREAM_MS = 2_000;

/** The parts, in the order in which they are stopped: a part stops before those it needs. */
const PARTS = ['gateway', 'command', 'worker', 'query', 'nats', 'event-store'] as const;
type PartName = (typeof PARTS)[number];
type ServiceName = 'gateway' | 'command' | 'worker' | 'query';

/**
 * Starts the whole service on this machine, and keeps it running until a request to stop. Resolves once all parts have
 * stopped.
 *
 * @param natsServer Path of the program. Not needed if `NATS_URL` names a running server.
 * @param whenNpmEnds Registers what is called when the npm that runs this process ends.
 * @throws StartError a part couldn't start; the others were stopped
 */
export async function launch(natsServer: string | undefined, whenNpmEnds: (then: () => void) => void): Promise<void> {
  keepNewFilesPrivate();
  const plan = planLaunch(process.env);
  loadApps(plan.settings);
  const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const lines = new Lines(process.stdout, ['cohort', ...PARTS], colour);
  const dataDir = await takeDataDir(absolute(plan.settings.DATA_DIR), (text) => lines.print('cohort', text));
  try {
    await new Launcher(plan, dataDir, lines, natsServer, whenNpmEnds).run();
  } finally {
    dataDir.release();
  }
}

class Launcher {
  private readonly parts = new Map<PartName, Part>();
  /** True from the moment when all parts are ready until the stop begins. */
  private complete = false;
  private jetStream?: JetStreamWatch;

  constructor(
    private readonly plan: LaunchPlan,
    private readonly dataDir: DataDir,
    private readonly lines: Lines,
    private readonly natsServer: string | undefined,
    private readonly whenNpmEnds: (then: () => void) => void,
  ) {}

  async run(): Promise<void> {
    // The reader of stdout may have ended (`npm start | head`). The service continues.
    process.stdout.on('error', () => undefined);
    process.on('uncaughtException', (error) => {
      process.stderr.write(`${stackOf(error)}\n`);
      this.parts.forEach((part) => part.kill());
      process.exit(1);
    });
    const asked = this.whenAsked();
    try {
      // A request to stop during the start doesn't wait for the start.
      const why = await Promise.race([asked, this.start().then(() => asked)]);
      this.say(`${why}: stopping ...`);
    } finally {
      this.complete = false;
      this.jetStream?.stop();
      for (const name of PARTS) await this.parts.get(name)?.stop(GRACE_MS);
    }
    this.lines.flush();
    this.say('Stopped.');
  }

  private async start(): Promise<void> {
    const began = Date.now();
    await this.refuseWhatCannotWork();
    const [eventStore, nats] = await Promise.all([
      this.plan.eventStore
        ? this.plan.settings.EVENTSTORE_URL
        : this.begin('event-store', (before) => this.eventStore(before)),
      this.plan.nats ? this.plan.settings.NATS_URL : this.begin('nats', (before) => this.nats(before)),
    ]);
    this.watchJetStream();
    const env = { EVENTSTORE_URL: eventStore, NATS_URL: nats };
    const [gateway] = await Promise.all([
      this.begin('gateway', (before) =>
        this.service('gateway', { ...env, GATEWAY_PORT: portAgain(before, this.plan.settings.GATEWAY_PORT) }),
      ),
      this.begin('command', () => this.service('command', env)),
      this.begin('query', () => this.service('query', env)),
      this.begin('worker', () => this.service('worker', env)),
    ]);
    this.complete = true;
    this.changed();
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    const { APPS_FILE } = this.plan.settings;
    const dialects = this.parts.get('gateway')?.reachedAt.dialects ?? [];
    const dataDir = this.dataDir.path;
    const servers = { nats: parseNatsAddress(nats), eventStore: parseEventStoreAddress(eventStore) };
    this.lines.plain(banner({ seconds, gateway, ...servers, dataDir, appsFile: APPS_FILE, dialects }));
  }

  /** Rejects bad settings before any part is started. */
  private async refuseWhatCannotWork(): Promise<void> {
    const { settings, nats, eventStore } = this.plan;
    await refuseTakenPort('GATEWAY_PORT', settings.GATEWAY_PORT, settings.GATEWAY_HOST);
    if (eventStore === undefined) {
      const instead = ', or EVENTSTORE_URL to a server that runs already';
      await refuseTakenPort('EVENTSTORE_PORT', settings.EVENTSTORE_PORT, LOOPBACK, instead);
    } else {
      await refuseWithoutEventStore(eventStore);
    }
    if (nats === undefined) {
      const there = `nats://${LOOPBACK}:${settings.NATS_PORT}`;
      const itsNats = settings.NATS_PORT !== 0 && (await natsAnswers(there));
      const instead = itsNats ? `, or NATS_URL=${there} to use the nats-server that is running there` : '';
      await refuseTakenPort('NATS_PORT', settings.NATS_PORT, LOOPBACK, instead);
    } else {
      await refuseWithoutNats(nats);
    }
  }

  private async begin(name: PartName, spec: (before: Addresses) => PartSpec): Promise<string> {
    const part = new Part(name, spec, {
      output: (stream, keep) => this.lines.follow(name, stream, keep),
      say: (text) => this.say(text),
      changed: () => this.changed(),
    });
    this.parts.set(name, part);
    const waiting = setInterval(() => this.say(`Still waiting for ${name} ...`), STILL_WAITING_MS);
    try {
      const { url, healthUrl } = await part.start();
      return url ?? healthUrl ?? '';
    } finally {
      clearInterval(waiting);
    }
  }

  private eventStore(before: Addresses): PartSpec {
    const port = portAgain(before, this.plan.settings.EVENTSTORE_PORT);
    const env = { EVENTSTORE_PORT: port, EVENTSTORE_HOST: LOOPBACK };
    return { ...this.node('libs/embedded-event-store/src/main.js', env), needed: true };
  }

  private service(name: ServiceName, env: NodeJS.ProcessEnv): PartSpec {
    return this.node(`apps/${name}/src/main.js`, env);
  }

  private node(script: string, env: NodeJS.ProcessEnv): PartSpec {
    const { LOG_FORMAT } = this.plan.settings;
    const file = join(DIST, script);
    if (!existsSync(file)) throw new Error(`The build has no ${file}.`);
    return {
      command: process.execPath,
      args: ['--enable-source-maps', file],
      env: { ...process.env, ...env, DATA_DIR: this.dataDir.path, LOG_FORMAT, HEALTH_PORT: '0' },
      ours: true,
      needed: false,
      keep: () => true,
      whenReady: whenReadyMessage,
    };
  }

  /** Watches the nats-server, if it is one of the parts. */
  private watchJetStream(): void {
    const part = this.parts.get('nats');
    if (!part) return;
    this.jetStream = new JetStreamWatch({
      ask: () => askJetStream(part.reachedAt.url!, FEED_STREAM, JETSTREAM_MS),
      serving: () => part.servingPid,
      restart: () => part.restart(),
      say: (text) => this.say(text),
    });
    this.jetStream.start();
  }

  private nats(before: Addresses): PartSpec {
    const folder = this.dataDir.folder('nats');
    const config = writeNatsConfig(folder);
    const port = Number(portAgain(before, this.plan.settings.NATS_PORT));
    const chatty = ['debug', 'trace'].includes(this.plan.settings.LOG_LEVEL);
    return {
      command: this.natsServer ?? 'nats-server',
      args: ['-c', config, '--port', String(port === 0 ? -1 : port)],
      env: process.env,
      ours: false,
      needed: true,
      keep: (line) => chatty || !line.includes('[INF]'),
      whenReady: async (child, signal) => {
        const url = await whenNatsAnswers(folder, child.pid!, port, signal);
        return { url, port: parseNatsAddress(url).nodes[0]?.port };
      },
    };
  }

  /** Updates `launcher.json` (the children of this process) and `run.json` (the serving parts and their addresses). */
  private changed(): void {
    try {
      const pids = [...this.parts.values()].flatMap(({ pid }) => pid ?? []);
      this.dataDir.note(pids.flatMap((pid) => identify(pid) ?? []));
      if (this.complete) replaceFile(this.dataDir.runFile, this.whatRuns());
    } catch (error) {
      this.say(`DATA_DIR ${this.dataDir.path} can't be written: ${messageOf(error)}`);
    }
  }

  private whatRuns(): object {
    const server = (name: PartName, given: string | undefined): object => ({
      pid: this.parts.get(name)?.servingPid ?? null,
      url: given ?? this.shown(name),
    });
    const service = (name: ServiceName): object => ({
      pid: this.parts.get(name)?.servingPid ?? null,
      healthUrl: this.parts.get(name)?.reachedAt.healthUrl,
    });
    return {
      gateway: server('gateway', undefined),
      nats: server('nats', this.plan.nats?.shown),
      eventStore: server('event-store', this.plan.eventStore?.shown),
      command: service('command'),
      query: service('query'),
      worker: service('worker'),
    };
  }

  /** Returns the address of a part that was started here, as people may see it. */
  private shown(name: PartName): string | undefined {
    const url = this.parts.get(name)?.reachedAt.url;
    return url?.startsWith('esdb') ? parseEventStoreAddress(url).shown : url;
  }

  /** Resolves with the reason of the first request to stop. A second request, at least 1 s later, kills all parts. */
  private whenAsked(): Promise<string> {
    return new Promise((resolve) => {
      let askedAt: number | undefined;
      const ask = (reason: string): void => {
        askedAt ??= Date.now();
        // The terminal and npm both send a signal for one Ctrl-C. That counts as one request.
        if (Date.now() - askedAt > ASKED_AGAIN_MS) this.parts.forEach((part) => part.kill());
        resolve(reason);
      };
      const reasons = { SIGINT: 'Ctrl-C', SIGTERM: 'SIGTERM', SIGHUP: 'The terminal is closed' } as const;
      for (const [signal, reason] of Object.entries(reasons)) process.on(signal, () => ask(reason));
      this.whenNpmEnds(() => ask('npm has ended'));
    });
  }

  private say(text: string): void {
    this.lines.print('cohort', text);
  }
}

/** Returns the port to start on. A restarted part keeps its port, so that others find it again. */
const portAgain = ({ port }: Addresses, setting: number): string => String(port ?? setting);

function absolute(path: string): string {
  try {
    return absolutePath(path);
  } catch (error) {
    throw new StartError(`DATA_DIR: ${messageOf(error)}.`);
  }
}
