import { oncePer, type QueryNodeApplied } from '@cohort/contracts';

/** Most nodes that are remembered, and most announcements that wait for an answer of their node. */
const MOST = 64;
/** Shortest time between two questions which nodes there are. */
const ASK_EVERY_MS = 100;

type Listener = (applied: QueryNodeApplied) => void;

/**
 * Decides which announcements come from a query node. Any client that may publish on their subject can announce a node, so
 * an announcement counts once a node of that id and store has answered discovery itself: the answer comes to an inbox that
 * only this process knows, from a subject that only the service may subscribe to.
 */
export class KnownNodes {
  /** The store of each node that has answered, by the node's id. */
  private readonly known = new Map<string, string>();
  /** The last announcement of each node that has not answered yet. */
  private readonly waiting = new Map<string, QueryNodeApplied>();
  private readonly mayAsk = oncePer(ASK_EVERY_MS);
  private later?: NodeJS.Timeout;

  /** @param ask asks all query nodes for their ids; their answers go to `found` */
  constructor(
    private readonly ask: () => void,
    private readonly listener: Listener,
  ) {}

  /** Takes an announcement, from whomever. */
  announced(applied: QueryNodeApplied): void {
    if (this.known.get(applied.node) === applied.store) {
      if (applied.leaseMs === 0) this.known.delete(applied.node);
      return this.listener(applied);
    }
    if (applied.leaseMs === 0) return;
    remember(this.waiting, applied.node, applied);
    this.askSoon();
  }

  /** Takes the answer of a node to discovery. */
  found({ node, store }: Readonly<Record<string, string>>): void {
    if (node === undefined || store === undefined) return;
    remember(this.known, node, store);
    const applied = this.waiting.get(node);
    this.waiting.delete(node);
    if (applied?.store === store) this.listener(applied);
  }

  close(): void {
    clearTimeout(this.later);
  }

  private askSoon(): void {
    if (this.later !== undefined) return;
    if (this.mayAsk() > 0) return this.ask();
    this.later = setTimeout(() => {
      this.later = undefined;
      if (this.waiting.size > 0) this.askSoon();
    }, ASK_EVERY_MS);
  }
}

/** Sets the value. The entry that was set first is dropped if there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MOST) return;
    map.delete(oldest);
  }
}
