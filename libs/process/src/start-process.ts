import { Logger as NestLogger, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { CohortError } from '@cohort/contracts';
import { hide, keepNewFilesPrivate, messageOf } from '@cohort/surroundings';
import type { ClassConstructor } from 'class-transformer';
import type { RequestListener, Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Apps, loadApps } from './apps';
import { HealthDoor } from './health-door';
import { closeHttp, listenHttp, type Address } from './listen';
import { createLogger, nestLogger } from './logging';
import { createMetrics } from './metrics';
import type { ProcessContext } from './process-context';
import { ProcessModule } from './process.module';
import { Readiness } from './readiness';
import type { ReadyMessage } from './ready-message';
import { readSettings, type BaseSettings } from './settings';
import { StartError } from './start-error';
import { VERSION } from './version';
import { WaitingServers, type Addresses } from './waiting-server';

/** A server of requests. `close` takes no new requests, and resolves when those in flight are answered. */
export interface Serving {
  close(): Promise<void>;
}

export interface ProcessOptions<S extends BaseSettings> {
  /** Used as `process.title` and as the name in log lines. */
  readonly title: string;
  readonly settings: ClassConstructor<S>;
  /** Opens what the process needs (see `onStop`) and returns its module. */
  readonly module: (context: ProcessContext<S>) => Promise<DynamicModule> | DynamicModule;
  /** Begins to take requests other than HTTP. Called after all modules are initialised. */
  readonly serve?: (app: NestExpressApplication, context: ProcessContext<S>) => Promise<Serving>;
  /** Address for HTTP, if the process serves more than health and metrics. Default: `HEALTH_HOST` and `HEALTH_PORT`. */
  readonly http?: (settings: S) => Address;
  /** Address for health and metrics alone. Default: that of HTTP. */
  readonly health?: (settings: S) => Address | undefined;
  /** Adjusts the HTTP application before it is initialised: body parsers, middleware. */
  readonly configure?: (app: NestExpressApplication, context: ProcessContext<S>) => void;
  /** What the process sends to its launcher beside its addresses, once it is ready. */
  readonly announce?: (url: string, context: ProcessContext<S>) => Pick<ReadyMessage, 'dialects'>;
}

/** The process exits after this time even if a step of the stop hangs. */
const STOP_WITHIN_MS = 8_000;

/**
 * Runs a process of Cohort from start to exit:
 *
 * 1. Reads settings and tenants, and serves health and metrics.
 * 2. Connects what it needs, which may take as long as an outage, and assembles the module. Then it takes requests.
 * 3. Sends `{ready: true, healthUrl, url}` to its launcher over IPC once it is ready.
 * 4. Stops in order on SIGTERM, on SIGINT, or when the launcher ends.
 *
 * The exit code is 0 after an orderly stop. It is 1 after a failed start (the reason is on stderr) or a fatal error.
 */
export async function startProcess<S extends BaseSettings>(options: ProcessOptions<S>): Promise<void> {
  process.title = options.title;
  keepNewFilesPrivate();
  const running = new Running(options);
  try {
    await running.start();
  } catch (error) {
    await running.fail(error);
  }
}

class Running<S extends BaseSettings> {
  private readonly closers: (() => Promise<void> | void)[] = [];
  private readonly readiness = new Readiness();
  private logger?: Logger;
  private app?: NestExpressApplication;
  private serving?: Serving;
  private healthServer?: Server;
  private waiting?: WaitingServers;
  private stopping = false;

  constructor(private readonly options: ProcessOptions<S>) {}

  async start(): Promise<void> {
    const { title } = this.options;
    const settings = readSettings(this.options.settings);
    const logger = createLogger(title, settings.LOG_LEVEL, settings.LOG_FORMAT);
    this.logger = logger;
    NestLogger.overrideLogger(nestLogger(logger));
    this.listenToSignals(logger);

    const context: ProcessContext<S> = {
      settings,
      apps: new Apps(loadApps(settings)),
      readiness: this.readiness,
      metrics: createMetrics(title, VERSION),
      logger,
      fatal: (error, message) => this.fatal(error, message),
      onStop: (close) => this.closers.unshift(close),
    };
    // Health comes first: what the process needs may be away for long, and probes must see that the process lives.
    const { servers, ...addresses } = await WaitingServers.open(this.addresses(settings), context);
    this.waiting = servers;
    const module = ProcessModule.forRoot(context, await this.options.module(context));
    const app = await NestFactory.create<NestExpressApplication>(module, {
      logger: nestLogger(logger),
      abortOnError: false,
      bodyParser: false,
    });
    this.app = app;
    this.options.configure?.(app, context);

    await app.init();
    await servers.close();
    const { url, port, healthUrl } = await this.listen(app, addresses);
    const serving = await this.options.serve?.(app, context);
    // A stop that began during `serve` didn't see this server.
    if (this.stopping) return serving?.close();
    this.serving = serving;
    this.readiness.started();
    while (!this.readiness.ready) {
      await delay(50);
      if (this.stopping) return;
    }
    logger.info({ url, version: VERSION }, 'ready');
    const message: ReadyMessage = {
      ready: true,
      port,
      healthUrl,
      ...(this.options.http ? { url } : {}),
      ...this.options.announce?.(url, context),
    };
    process.send?.(message);
  }

  /** Logs why the process can't start, and ends it. */
  async fail(error: unknown): Promise<void> {
    // A start that a stop interrupted may fail. The stop continues.
    if (this.stopping) return;
    const { title } = this.options;
    if (error instanceof StartError || error instanceof CohortError) {
      process.stderr.write(`${title} can't start.\n${hide(error.message)}\n`);
    } else if (this.logger && isOutage(error)) {
      this.logger.error({ why: messageOf(error) }, 'the start was interrupted by an outage');
    } else if (this.logger) {
      this.logger.fatal({ err: error }, 'unexpected error: the process can not start');
    } else {
      process.stderr.write(`${title} can't start: ${messageOf(error)}\n`);
    }
    await this.stop(1);
  }

  private addresses(settings: S): Addresses {
    const { HEALTH_HOST: host, HEALTH_PORT: port } = settings;
    return {
      http: this.options.http?.(settings) ?? { host, port, setting: 'HEALTH_PORT' },
      health: this.options.health?.(settings),
    };
  }

  private async listen(app: NestExpressApplication, { http, health }: Addresses) {
    if (health === undefined) {
      const listening = await listenHttp(app.getHttpServer(), http);
      return { ...listening, healthUrl: listening.url };
    }
    this.healthServer = app.get(HealthDoor).open(app.getHttpAdapter().getInstance() as RequestListener);
    const { url: healthUrl } = await listenHttp(this.healthServer, health);
    return { ...(await listenHttp(app.getHttpServer(), http)), healthUrl };
  }

  private listenToSignals(logger: Logger): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        logger.info({ signal }, 'stopping');
        void this.stop(0);
      });
    }
    // Without its launcher, nothing would ever stop this process.
    process.once('disconnect', () => {
      logger.info('stopping: the launcher has ended');
      void this.stop(0);
    });
    for (const fault of ['unhandledRejection', 'uncaughtException'] as const) {
      process.on(fault, (error: unknown) => {
        this.fatal(error, `unexpected error: ${fault}`);
      });
    }
  }

  private fatal(error: unknown, message: string): never {
    this.logger?.fatal({ err: error }, message);
    process.exit(1);
  }

  /** Marks the process as not ready, answers the requests in flight, closes its resources, exits. */
  private async stop(code: number): Promise<void> {
    // A stop may be requested twice: Ctrl-C reaches every process of the terminal, and the launcher signals as well.
    if (this.stopping) return;
    this.stopping = true;
    this.readiness.stop();
    setTimeout(() => {
      this.logger?.error({ withinMs: STOP_WITHIN_MS }, 'stopping takes too long: exiting now');
      process.exit(1);
    }, STOP_WITHIN_MS);

    await this.step('drain', () =>
      Promise.all([this.waiting?.close(), this.serving?.close(), this.app && closeHttp(this.app.getHttpServer())]),
    );
    await this.step('health', () => this.healthServer && closeHttp(this.healthServer));
    await this.step('modules', () => this.app?.close());
    for (const close of this.closers) await this.step('close', close);
    if (code === 0) this.logger?.info('stopped');
    process.exit(code);
  }

  /** Runs one step of the stop. Its failure is logged, and the next steps still run. */
  private async step(name: string, run: () => unknown): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.logger?.error({ err: error, step: name }, 'a step of stopping failed');
    }
  }
}

/** Errors of connections to servers, by name: the libraries that throw them aren't known here. */
const OUTAGES: ReadonlySet<string> = new Set(['BusUnavailable', 'NatsError', 'OutcomeUnknown', 'StoreUnavailable']);

const isOutage = (error: unknown): boolean => error instanceof Error && OUTAGES.has(error.name);
