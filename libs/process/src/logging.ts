import { PinoLogger, Logger as NestPinoLogger } from 'nestjs-pino';
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';

/**
 * Creates the process's logger. It writes synchronously, because the last line before an exit matters most. That is
 * cheap, because no line is logged per request. Bodies, keys and tokens are never logged.
 */
export function createLogger(name: string, level: string, format: 'json' | 'pretty'): Logger {
  const options = { name, level };
  if (format === 'json') return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino(
    options,
    pretty({ sync: true, singleLine: true, ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss.l' }),
  );
}

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
