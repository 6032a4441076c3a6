import type { ErrorBody } from '@cohort/contracts';
import { headerText } from './reply';

/** One subject that a service answers, with the request counts of ADR-32. */
export class Endpoint {
  private requests = 0;
  private errors = 0;
  private lastError = '';
  private milliseconds = 0;

  constructor(
    /** Name in discovery: `[A-Za-z0-9_-]+`. */
    readonly name: string,
    readonly subject: string,
    readonly queue: string,
  ) {}

  count(milliseconds: number, error: ErrorBody | undefined): void {
    this.requests += 1;
    this.milliseconds += milliseconds;
    if (error === undefined) return;
    this.errors += 1;
    this.lastError = headerText(`${error.code}: ${error.message}`);
  }

  info() {
    return { name: this.name, subject: this.subject, queue_group: this.queue, metadata: {} };
  }

  /** Returns the counts. Times are in nanoseconds. */
  stats() {
    const nanoseconds = Math.round(this.milliseconds * 1e6);
    return {
      ...this.info(),
      num_requests: this.requests,
      num_errors: this.errors,
      ...(this.lastError === '' ? {} : { last_error: this.lastError }),
      processing_time: nanoseconds,
      average_processing_time: this.requests === 0 ? 0 : Math.round(nanoseconds / this.requests),
    };
  }
}
