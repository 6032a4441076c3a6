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
import { banner } from './banner';
import { takeDataDir, type DataDir } from './data-dir';
import { failureOf } from './health';
import { JetStreamWatch } from './jetstream-watch';
import { Lines } from './lines';
import { Part, type Addresses, type PartSpec } from './part';
import { PARTS, PartSpecs, type PartName, type ServiceName } from './part-specs';
import { RunRecord } from './run-record';
import { refuseWhatCannotWork } from './servers';
import { planLaunch, type LaunchPlan } from './settings';
import { whenAskedToStop } from './stop-requests';

/** A little more than the 8 s after which a process of Cohort ends its own stop. */
const GRACE_MS = 9_000;
const STILL_WAITING_MS = 5_000;
/** Longest time for an answer of JetStream. */
const JETSTREAM_MS = 2_000;

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
  const dataDir = await takeDataDir(absolute(plan.settings.DATA_DIR), (text) => lines.say('cohort', text));
  try {
    await new Launcher(plan, dataDir, lines, new PartSpecs(plan, dataDir, natsServer)).run(whenNpmEnds);
  } finally {
    dataDir.release();
  }
}

class Launcher {
  private readonly parts = new Map<PartName, Part>();
  /** True from the moment when all parts are ready until the stop begins. */
  private complete = false;
  private jetStream?: JetStreamWatch;
  private readonly record: RunRecord;

  constructor(
    private readonly plan: LaunchPlan,
    private readonly dataDir: DataDir,
    private readonly lines: Lines,
    private readonly specs: PartSpecs,
  ) {
    this.record = new RunRecord({
      dataDir,
      children: () => [...this.parts.values()].flatMap(({ pid }) => pid ?? []),
      run: () => (this.complete ? this.whatRuns() : undefined),
      say: (text) => this.say(text),
    });
  }

  async run(whenNpmEnds: (then: () => void) => void): Promise<void> {
    // The reader of stdout may have ended (`npm start | head`). The service continues.
    process.stdout.on('error', () => undefined);
    process.on('uncaughtException', (error) => {
      process.stderr.write(`${stackOf(error)}\n`);
      this.kill();
      process.exit(1);
    });
    const asked = whenAskedToStop(whenNpmEnds, () => this.kill());
    try {
      // A request to stop during the start doesn't wait for the start.
      const why = await Promise.race([asked, this.start().then(() => asked)]);
      this.say(`${why}: stopping ...`);
    } finally {
      this.complete = false;
      this.jetStream?.stop();
      for (const name of PARTS) await this.parts.get(name)?.stop(GRACE_MS);
      this.record.stop();
    }
    this.lines.flush();
    this.say('Stopped.');
  }

  private async start(): Promise<void> {
    const began = Date.now();
    await refuseWhatCannotWork(this.plan);
    const [eventStore, nats] = await Promise.all([
      this.plan.eventStore
        ? this.plan.settings.EVENTSTORE_URL
        : this.begin('event-store', (before) => this.specs.eventStore(before)),
      this.plan.nats ? this.plan.settings.NATS_URL : this.begin('nats', (before) => this.specs.nats(before)),
    ]);
    this.watchJetStream();
    const urls = { EVENTSTORE_URL: eventStore, NATS_URL: nats };
    const service = (name: ServiceName) => this.begin(name, (before) => this.specs.service(name, urls, before));
    const [gateway] = await Promise.all((['gateway', 'command', 'query', 'worker'] as const).map(service));
    this.complete = true;
    this.record.update();
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    const { APPS_FILE } = this.plan.settings;
    const dialects = this.parts.get('gateway')?.reachedAt.dialects ?? [];
    const dataDir = this.dataDir.path;
    const servers = { nats: parseNatsAddress(nats), eventStore: parseEventStoreAddress(eventStore) };
    this.lines.plain(banner({ seconds, gateway: gateway!, ...servers, dataDir, appsFile: APPS_FILE, dialects }));
  }

  private async begin(name: PartName, spec: (before: Addresses) => PartSpec): Promise<string> {
    const part = new Part(name, spec, {
      output: (stream, keep) => this.lines.follow(name, stream, keep),
      say: (text) => this.say(text),
      changed: () => this.record.update(),
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

  /** Watches the nats-server, if it is one of the parts. */
  private watchJetStream(): void {
    const part = this.parts.get('nats');
    if (!part) return;
    this.jetStream = new JetStreamWatch({
      // Whether a message can be stored is known only to the worker, which publishes the feed.
      ask: async () =>
        (await askJetStream(part.reachedAt.url!, FEED_STREAM, JETSTREAM_MS)) ??
        failureOf('jetstream', this.parts.get('worker')?.reachedAt.healthUrl),
      serving: () => part.servingPid,
      restart: () => part.restart(),
      say: (text) => this.say(text),
    });
    this.jetStream.start();
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
      gateway: { ...server('gateway', undefined), ...this.ownUrls() },
      nats: server('nats', this.plan.nats?.shown),
      eventStore: server('event-store', this.plan.eventStore?.shown),
      command: service('command'),
      query: service('query'),
      worker: service('worker'),
    };
  }

  /** Where dialects are served alone, by their titles. */
  private ownUrls(): object {
    const dialects = this.parts.get('gateway')?.reachedAt.dialects ?? [];
    const urls = dialects.flatMap(({ title, url }) => (url === undefined ? [] : [[title, url] as const]));
    return urls.length === 0 ? {} : { own: Object.fromEntries(urls) };
  }

  /** Returns the address of a part that was started here, as people may see it. */
  private shown(name: PartName): string | undefined {
    const url = this.parts.get(name)?.reachedAt.url;
    return url?.startsWith('esdb') ? parseEventStoreAddress(url).shown : url;
  }

  private say(text: string): void {
    this.lines.say('cohort', text);
  }

  /** Kills all parts at once. */
  private kill(): void {
    this.parts.forEach((part) => part.kill());
  }
}

function absolute(path: string): string {
  try {
    return absolutePath(path);
  } catch (error) {
    throw new StartError(`DATA_DIR: ${messageOf(error)}.`);
  }
}
