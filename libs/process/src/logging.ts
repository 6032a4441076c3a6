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
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss.l' }));
}

/** What Nest and everything under it logs through. */
export const nestLogger = (logger: Logger): NestPinoLogger =>
  new NestPinoLogger(new PinoLogger({ pinoHttp: { logger } }), {});
