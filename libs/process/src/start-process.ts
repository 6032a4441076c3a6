import { Logger as NestLogger, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { CohortError } from '@cohort/contracts';
import type { ClassConstructor } from 'class-transformer';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { Apps, loadApps } from './apps';
import { createLogger, nestLogger } from './logging';
import { createMetrics } from './metrics';
import { ProcessModule } from './process.module';
import { Readiness } from './readiness';
import { readSettings, type BaseSettings } from './settings';
import { listenError, StartError } from './start-error';
import { VERSION } from './version';

/** What a process is made of; given to the functions that assemble it. */
export interface ProcessContext<S extends object> {
  readonly settings: S;
  readonly apps: Apps;
  readonly readiness: Readiness;
  readonly metrics: Registry;
  readonly logger: Logger;
  /** Closes something the process opened: after the modules are destroyed, the last opened first. */
  readonly onStop: (close: () => Promise<void> | void) => void;
}

/** Something that takes requests: closing it takes no more of them and answers those it has. */
export interface Serving {
  close(): Promise<void>;
}

export interface ProcessOptions<S extends BaseSettings> {
  /** `process.title` and the name in log lines. */
  readonly title: string;
  readonly settings: ClassConstructor<S>;
  /** Opens what the process needs (see `onStop`) and says which module it is. */
  readonly module: (context: ProcessContext<S>) => Promise<DynamicModule> | DynamicModule;
  /** Begins to take requests other than HTTP ones, once all modules are initialised. */
  readonly serve?: (app: NestExpressApplication, context: ProcessContext<S>) => Promise<Serving>;
  /** Where HTTP is served, when it is more than health and metrics; default `HEALTH_HOST` and `HEALTH_PORT`. */
  readonly http?: (settings: S) => { readonly host: string; readonly port: number; readonly setting: string };
  /** Adjusts the HTTP application before it is initialised: body parsers, middleware. */
  readonly configure?: (app: NestExpressApplication, context: ProcessContext<S>) => void;
}

/** Stopping takes at most this long, whatever hangs. */
const STOP_WITHIN_MS = 8_000;

/**
 * Runs a process of Cohort to its end: reads settings and apps, assembles the module, serves health and metrics, takes
 * requests, tells its launcher over IPC (`{ready: true, healthUrl, url}`) once it is ready, and stops in order on
 * SIGTERM, SIGINT or the launcher's end. Exit code 0 after an orderly stop; 1 when it couldn't start (one sentence on
 * stderr) or met a fault it can't go on from.
 */
export async function startProcess<S extends BaseSettings>(options: ProcessOptions<S>): Promise<void> {
  process.title = options.title;
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
      onStop: (close) => this.closers.unshift(close),
    };
    const module = ProcessModule.forRoot(context, await this.options.module(context));
    const app = await NestFactory.create<NestExpressApplication>(module, {
      logger: nestLogger(logger),
      abortOnError: false,
      bodyParser: false,
    });
    this.app = app;
    this.options.configure?.(app, context);

    // Health first: a rebuild may take long, and the process must be seen to live meanwhile.
    const url = await this.listen(app, settings);
    const serving = await this.options.serve?.(app, context);
    // A stop may have come meanwhile, and not have seen this.
    if (this.stopping) return serving?.close();
    this.serving = serving;
    this.readiness.started();
    while (!this.readiness.ready) {
      await delay(50);
      if (this.stopping) return;
    }
    logger.info({ url, version: VERSION }, 'ready');
    process.send?.({ ready: true, healthUrl: url, ...(this.options.http ? { url } : {}) });
  }

  /** Ends the process because it can't start or go on. */
  async fail(error: unknown): Promise<void> {
    // What a stop interrupts may fail.
    if (this.stopping) return;
    const { title } = this.options;
    if (error instanceof StartError || error instanceof CohortError) {
      process.stderr.write(`${title} can't start.\n${error.message}\n`);
    } else if (this.logger) {
      this.logger.fatal({ err: error }, 'a fault of ours: can not start');
    } else {
      process.stderr.write(`${title} can't start: ${String(error)}\n`);
    }
    await this.stop(1);
  }

  private async listen(app: NestExpressApplication, settings: S): Promise<string> {
    const { host, port, setting } = this.options.http?.(settings) ?? {
      host: settings.HEALTH_HOST,
      port: settings.HEALTH_PORT,
      setting: 'HEALTH_PORT',
    };
    await app.init();
    try {
      return await listenHttp(app.getHttpServer(), host, port);
    } catch (error) {
      throw listenError(setting, host, port, error);
    }
  }

  private listenToSignals(logger: Logger): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        logger.info({ signal }, 'stopping');
        void this.stop(0);
      });
    }
    // The launcher is gone: nobody would ever stop this process.
    process.once('disconnect', () => {
      logger.info('stopping: the launcher is gone');
      void this.stop(0);
    });
    for (const fault of ['unhandledRejection', 'uncaughtException'] as const) {
      process.on(fault, (error: unknown) => {
        logger.fatal({ err: error }, `a fault of ours: ${fault}`);
        process.exit(1);
      });
    }
  }

  /** Not ready, then takes no more requests, answers those it has, closes what it opened, exits. */
  private async stop(code: number): Promise<void> {
    // Ctrl-C reaches every process of the terminal, and then the launcher's own signal does.
    if (this.stopping) return;
    this.stopping = true;
    this.readiness.stop();
    setTimeout(() => {
      this.logger?.error({ withinMs: STOP_WITHIN_MS }, 'stopping takes too long: gave up');
      process.exit(1);
    }, STOP_WITHIN_MS);

    await this.step('drain', () =>
      Promise.all([this.serving?.close(), this.app && closeHttp(this.app.getHttpServer())]),
    );
    await this.step('modules', () => this.app?.close());
    for (const close of this.closers) await this.step('close', close);
    if (code === 0) this.logger?.info('stopped');
    process.exit(code);
  }

  /** One step's failure leaves the others to be done. */
  private async step(name: string, run: () => unknown): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.logger?.error({ err: error, step: name }, 'a step of stopping failed');
    }
  }
}

/** Listens, and says under which URL (an address for all interfaces is told as loopback). */
async function listenHttp(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  const { address, family, port: actual } = server.address() as AddressInfo;
  const ip = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${family === 'IPv6' ? `[${ip}]` : ip}:${actual}`;
}

/** Takes no more connections, lets requests in work end, and cuts connections as they fall idle. */
async function closeHttp(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(sweep);
}
