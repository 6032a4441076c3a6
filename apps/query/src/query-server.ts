import type { NatsServer } from '@cohort/bus';
import type { ReadModel } from '@cohort/read-model';
import { setTimeout as delay } from 'node:timers/promises';
import type { Announcer } from './announcer';

/** Milliseconds for which a node is announced before it takes queries: gateways ask discovery whether it is a node. */
export const ANNOUNCED_BEFORE_MS = 250;

/** Takes queries while the projection works. The node is announced before it takes queries and until it takes none. */
export class QueryServer {
  private settling: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly server: Pick<NatsServer, 'pause' | 'resume' | 'close'>,
    private readonly model: Pick<ReadModel, 'stopWaiting' | 'startWaiting'>,
    private readonly announcer: Pick<Announcer, 'start' | 'stop'>,
  ) {}

  /** The projection works again, or has stopped: answers would be old. */
  works(works: boolean): void {
    this.settling = this.settling.then(() => (works ? this.resume() : this.pause()));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.model.stopWaiting();
    await this.settling;
    await this.server.close();
    this.announcer.stop();
  }

  private async pause(): Promise<void> {
    if (this.closed) return;
    this.model.stopWaiting();
    await this.server.pause();
    this.announcer.stop();
  }

  private async resume(): Promise<void> {
    if (this.closed) return;
    this.model.startWaiting();
    this.announcer.start();
    await delay(ANNOUNCED_BEFORE_MS);
    await this.server.resume();
  }
}
