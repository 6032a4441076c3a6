import { connectEventStore, type EventStore } from '@cohort/event-store';
import { GroupMailboxes } from '../../apps/command/src/group';
import { eventsOf, newGroupId, send, Watched } from '../command/mailbox-support';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

/** An event store, and two command nodes. The slow one is overtaken: its appends can be held back. */
export class TwoNodes {
  watched!: Watched;
  slow!: GroupMailboxes;
  fast!: GroupMailboxes;

  private constructor(
    private readonly server: TestEventStore,
    readonly proxy: TcpProxy,
    readonly store: EventStore,
  ) {
    this.renew();
  }

  static async start(): Promise<TwoNodes> {
    const server = await startEventStore();
    const proxy = await startTcpProxy(server.port);
    const url = `esdb://127.0.0.1:${proxy.port}?tls=false`;
    // Long enough for the appends of the other tests on a busy machine; an append without an answer waits for all of it.
    const store = await connectEventStore({ url, appendTimeoutMs: 2_000, settleTimeoutMs: 5_000 });
    return new TwoNodes(server, proxy, store);
  }

  /** Nodes that know no group. */
  renew(): void {
    this.watched = new Watched(this.store);
    this.slow = new GroupMailboxes({ store: this.watched });
    this.fast = new GroupMailboxes({ store: this.store });
  }

  async stop(): Promise<void> {
    await this.store.close();
    await this.proxy.close();
    await this.server.stop();
  }

  /** A group that both nodes know. */
  async newGroup(members: string[], over: { capacity?: number; settings?: object } = {}): Promise<string> {
    const groupId = newGroupId();
    await send(this.slow, 'create', { groupId, name: 'Sales', owner: 'o', members, ...over });
    await send(this.fast, 'join', { groupId, userId: 'o' });
    return groupId;
  }

  /** Runs `theirs` on the other node when `late` is about to append; resolves with the outcome of `late`. */
  async overtaken(late: () => Promise<unknown>, theirs: () => Promise<unknown>): Promise<unknown> {
    const { length } = this.watched.appends;
    this.watched.hold();
    const outcome = late().then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );
    await waitFor(() => this.watched.appends.length > length);
    await theirs();
    this.watched.release();
    return outcome;
  }

  typesOf = async (groupId: string) => (await eventsOf(this.store, groupId)).map(({ type }) => type);
}
