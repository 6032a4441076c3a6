/** Bytes of pieces that wait, and of one tenant's pieces that are carried out. A larger one is carried out alone. */
const MOST_BYTES = { tenant: 64 * 1024 * 1024, node: 256 * 1024 * 1024, atWork: 1024 * 1024 } as const;

interface Waiting {
  readonly bytes: number;
  readonly begin: (end: () => void) => void;
}

interface Tenant {
  readonly waiting: Waiting[];
  /** Bytes of the pieces that wait, and of those that are carried out. */
  waits: number;
  atWork: number;
}

/**
 * The order of large work. One piece is begun in each turn of the event loop, so that small requests, which wait for
 * nothing, are served in between. Tenants take turns, and each has a bounded amount of work at once, because what is begun
 * stands in one queue to the event store. So a tenant with much large work delays only its own.
 */
export class FairTurns {
  /** The tenants with work, the next one first. */
  readonly #tenants = new Map<string, Tenant>();
  #waits = 0;
  #scheduled = false;

  constructor(private readonly most: Readonly<Record<keyof typeof MOST_BYTES, number>> = MOST_BYTES) {}

  /**
   * Resolves when the tenant may begin one piece of work, with a function to call when that is done. Returns undefined, and
   * lets nothing wait, if the bytes that wait already are too many.
   */
  next(name: string, bytes = 0): Promise<() => void> | undefined {
    const tenant = this.#tenants.get(name) ?? { waiting: [], waits: 0, atWork: 0 };
    if (tenant.waits + bytes > this.most.tenant || this.#waits + bytes > this.most.node) return undefined;
    tenant.waits += bytes;
    this.#waits += bytes;
    this.#tenants.set(name, tenant);
    return new Promise((begin) => {
      tenant.waiting.push({ bytes, begin });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      // The end of a piece schedules again what can't begin now.
      if (this.#beginOne()) this.#schedule();
    });
  }

  #beginOne(): boolean {
    for (const [name, tenant] of this.#tenants) {
      const first = tenant.waiting[0];
      if (first === undefined || (tenant.atWork > 0 && tenant.atWork + first.bytes > this.most.atWork)) continue;
      const { bytes, begin } = tenant.waiting.shift()!;
      tenant.waits -= bytes;
      tenant.atWork += bytes;
      this.#waits -= bytes;
      // To the end of the order.
      this.#tenants.delete(name);
      this.#tenants.set(name, tenant);
      this.#forget(name, tenant);
      begin(() => this.#ended(name, tenant, bytes));
      return true;
    }
    return false;
  }

  #ended(name: string, tenant: Tenant, bytes: number): void {
    tenant.atWork -= bytes;
    this.#forget(name, tenant);
    if (tenant.waiting.length > 0) this.#schedule();
  }

  #forget(name: string, { waiting, atWork }: Tenant): void {
    if (waiting.length === 0 && atWork === 0) this.#tenants.delete(name);
  }
}
