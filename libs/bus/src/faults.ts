import { Logger } from '@nestjs/common';
import { oncePer } from '@cohort/contracts';
import type { BusObserver } from './observer';

const LOG_EVERY_MS = 60_000;

/** Counts the errors that the handling of messages throws, and logs one a minute. */
export class Faults {
  private readonly logger = new Logger(Faults.name);
  private readonly mayLog = oncePer(LOG_EVERY_MS);

  constructor(private readonly observer: Pick<BusObserver, 'messageFault'>) {}

  report(err: unknown, about: object = {}): void {
    this.observer.messageFault();
    const count = this.mayLog();
    if (count > 0) this.logger.error({ err, count, ...about }, 'the handling of a message failed unexpectedly');
  }
}
