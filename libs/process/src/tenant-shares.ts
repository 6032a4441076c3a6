/** Counts the requests in flight of each tenant in this process, so that no tenant takes the whole capacity. */
export class TenantShares {
  readonly #inFlight = new Map<string, number>();

  /** @param most Requests that one tenant may have in flight. */
  constructor(readonly most: number) {}

  /** Counts one request in. Returns the function that counts it out, or undefined if the tenant's share is used up. */
  take(tenant: string): (() => void) | undefined {
    const before = this.#inFlight.get(tenant) ?? 0;
    if (before >= this.most) return undefined;
    this.#inFlight.set(tenant, before + 1);
    return () => {
      const left = this.#inFlight.get(tenant)! - 1;
      if (left === 0) this.#inFlight.delete(tenant);
      else this.#inFlight.set(tenant, left);
    };
  }
}
