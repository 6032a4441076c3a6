import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Apps } from './apps';
import type { Readiness } from './readiness';

/** The parts every process has. The functions that assemble a process receive it. */
export interface ProcessContext<S extends object> {
  readonly settings: S;
  readonly apps: Apps;
  readonly readiness: Readiness;
  readonly metrics: Registry;
  readonly logger: Logger;
  /** Logs an error after which the process can't work any more, and ends it, so that it is restarted. */
  readonly fatal: (error: unknown, message: string) => never;
  /** Registers a function that closes a resource. It runs after the modules are destroyed, last registered first. */
  readonly onStop: (close: () => Promise<void> | void) => void;
}
