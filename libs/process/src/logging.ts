import { PinoLogger, Logger as NestPinoLogger } from 'nestjs-pino';
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';

/**
 * The process's logger. Written synchronously: the last line before an exit is the one that matters, and nothing is
 * logged for each request. Bodies, keys and tokens are never logged.
 */
export function createLogger(name: string, level: string, format: 'json' | 'pretty'): Logger {
  const options = { name, level };
  if (format === 'json') return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino(
    options,
    pretty({ sync: true, singleLine: true, ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss.l' }),
  );
}

/** Where Nest tells, line by line, what it finds and maps while it starts. */
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

/** What Nest and everything under it logs through; how Nest puts itself together is for `debug`. */
export const nestLogger = (logger: Logger): NestPinoLogger =>
  new QuietlyStartingLogger(new PinoLogger({ pinoHttp: { logger } }), {});
