import { setTimeout as delay } from 'node:timers/promises';
import type { Journal } from './journal';
import type { Paused } from './plan';

/** Takes one step after another until `rest`, which waits for the step in progress. */
export class Caller<T> {
  private resting = true;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly plan: Iterator<Paused<T>>,
    private readonly take: (step: T) => Promise<void>,
    private readonly journal: Journal,
  ) {}

  goOn(): void {
    this.resting = false;
    this.running = this.run();
  }

  async rest(): Promise<void> {
    this.resting = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.resting) {
      const next = this.plan.next();
      if (next.done) return;
      try {
        await this.take(next.value.step);
      } catch (error) {
        this.journal.violation(`a caller met what no caller should: ${String(error)}`);
      }
      await delay(next.value.pauseMs);
    }
  }
}
