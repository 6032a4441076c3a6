import { hideInJson, messageOf as textOf, safely } from '@cohort/surroundings';
import { PinoLogger, Logger as NestPinoLogger } from 'nestjs-pino';
import pino, { type LogFn, type Logger, type LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import { kindOf, RepeatedLines } from './repeated-lines';

/**
 * Creates the process's logger. It writes synchronously, because the last line before an exit matters most. That is
 * cheap, because no line is logged per request, and lines that repeat are limited. Bodies, keys and tokens are never
 * logged.
 */
export function createLogger(name: string, level: string, format: 'json' | 'pretty'): Logger {
  const repeated = new RepeatedLines();
  process.once('exit', () => repeated.flush());
  const options: LoggerOptions = {
    name,
    level,
    serializers: { err: safeError },
    hooks: { logMethod: limitedBy(repeated), streamWrite: hideInJson },
  };
  const destination = stdout();
  if (format === 'json') return pino(options, destination);
  return pino(
    options,
    pretty({ destination, singleLine: true, ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss.l' }),
  );
}

/** Lines that can't be written are kept up to this size, and dropped beyond it. */
const KEPT_BYTES = 1024 * 1024;

/** The log on stdout. Its disk may be full and its reader may have ended: that ends no process. */
function stdout() {
  const destination = pino.destination({ dest: 1, sync: true, maxLength: KEPT_BYTES });
  destination.removeAllListeners('error');
  destination.on('error', () => undefined);
  return destination;
}

const INFO = pino.levels.values.info!;

/**
 * Holds lines that repeat, of all levels from `info`: an operator who asks for more detail than that wants every line. A line's
 * kind is its level, its message, and the place in the code where its error was created.
 */
function limitedBy(repeated: RepeatedLines) {
  return function (this: Logger, args: Parameters<LogFn>, method: LogFn, level: number): void {
    if (level >= INFO) {
      const message = messageOf(args);
      const report = (held: number) => method.apply(this, [{ held }, `${message} (held in the last minute: ${held})`]);
      if (!repeated.passes(`${level} ${kindOf(message)} ${safely(() => detailOf(args[0]), '')}`, report)) return;
    }
    method.apply(this, args);
  };
}

function messageOf([first, second]: readonly unknown[]): string {
  if (typeof first === 'string') return first;
  if (typeof second === 'string') return second;
  return first instanceof Error ? textOf(first) : '';
}

/** By what lines with the same message differ: Nest's context, the duty, and the place where the error was created. */
function detailOf(first: unknown): string {
  if (typeof first !== 'object' || first === null) return '';
  const { context, duty, err } = first as { context?: unknown; duty?: unknown; err?: unknown };
  const error = first instanceof Error ? first : err instanceof Error ? err : undefined;
  const thrownAt = /^\s+at .*$/m.exec(error?.stack ?? '')?.[0] ?? '';
  return [context, duty, error?.name, thrownAt].filter((part) => typeof part === 'string').join(' ');
}

/** No error fails to be logged, whatever was thrown. (`streamWrite` keeps the secrets of this process out of every line.) */
const safeError = (error: unknown): unknown =>
  safely(() => (error instanceof Error ? pino.stdSerializers.err(error) : { message: textOf(error) }), {
    message: textOf(error),
  });

/** Contexts of Nest that log one line for each module and route at start. */
const STARTING: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'NestApplication',
  'NestMicroservice',
  'InstanceLoader',
  'RouterExplorer',
  'RoutesResolver',
]);

class QuietlyStartingLogger extends NestPinoLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (STARTING.has(rest.at(-1))) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}

/** Adapts the logger for Nest. Nest's own lines about modules and routes are logged at level `debug`. */
export const nestLogger = (logger: Logger): NestPinoLogger =>
  new QuietlyStartingLogger(new PinoLogger({ pinoHttp: { logger } }), {});
