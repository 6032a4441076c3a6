/** Bytes of requests that wait for a turn. */
const MOST_BYTES = { tenant: 64 * 1024 * 1024, node: 256 * 1024 * 1024 } as const;

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * The order of large work. One piece is begun in each turn of the event loop, so that small requests, which wait for
 * nothing, are served in between. Tenants take turns: a tenant with much large work delays only its own.
 */
export class FairTurns {
  /** The tenants that wait, the next one first. */
  readonly #tenants = new Map<string, { readonly waiting: Waiting[]; bytes: number }>();
  #bytes = 0;
  #scheduled = false;

  constructor(private readonly most: { readonly tenant: number; readonly node: number } = MOST_BYTES) {}

  /**
   * Resolves when the tenant may begin one piece of work. Returns undefined, and lets nothing wait, if the bytes that wait
   * already are too many.
   */
  next(tenant: string, bytes = 0): Promise<void> | undefined {
    const own = this.#tenants.get(tenant) ?? { waiting: [], bytes: 0 };
    if (own.bytes + bytes > this.most.tenant || this.#bytes + bytes > this.most.node) return undefined;
    own.bytes += bytes;
    this.#bytes += bytes;
    this.#tenants.set(tenant, own);
    return new Promise((begin) => {
      own.waiting.push({ bytes, begin });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#tenants.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#beginOne();
      this.#schedule();
    });
  }

  #beginOne(): void {
    const [tenant, own] = this.#tenants.entries().next().value!;
    const { bytes, begin } = own.waiting.shift()!;
    own.bytes -= bytes;
    this.#bytes -= bytes;
    // To the end of the order, if anything is left.
    this.#tenants.delete(tenant);
    if (own.waiting.length > 0) this.#tenants.set(tenant, own);
    begin();
  }
}
