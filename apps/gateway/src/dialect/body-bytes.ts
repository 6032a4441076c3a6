import { FairTurns } from '@cohort/bus';
import { CohortError } from '@cohort/contracts';

const MIB = 1024 * 1024;

/** Bytes of all bodies that are in memory together, unless a setting says otherwise. */
export const BODIES_MAX_BYTES = 64 * MIB;

/**
 * The bytes of the bodies in memory: of all callers together, and of each tenant. A tenant may have as many as are left free
 * then: one alone half of all, the next half of the rest. So there is always room for another tenant, however many hold theirs.
 */
export class BodyBytes {
  private readonly byTenant = new Map<string, number>();
  private readonly turns = new FairTurns();
  private total = 0;

  constructor(
    private readonly max: number = BODIES_MAX_BYTES,
    private readonly onFull: () => void = () => undefined,
  ) {}

  get held(): number {
    return this.total;
  }

  /** A body of this tenant, which takes no bytes yet. */
  lease(tenant: string): Lease {
    return new Lease(
      (more) => this.change(tenant, more),
      async () => void (await this.turns.next(tenant)),
    );
  }

  /** Throws `OVERLOADED` and changes nothing if the bytes don't fit. */
  private change(tenant: string, more: number): void {
    const ofTenant = (this.byTenant.get(tenant) ?? 0) + more;
    if (more > 0 && ofTenant > this.max - (this.total + more)) {
      this.onFull();
      throw new CohortError('OVERLOADED', 'Too many bodies are in flight; nothing was done, try again later.');
    }
    this.total += more;
    if (ofTenant === 0) this.byTenant.delete(tenant);
    else this.byTenant.set(tenant, ofTenant);
  }
}

/** The bytes of one request: of its body until it is answered, because its fields live as long, and then of a large answer. */
export class Lease {
  private size = 0;

  constructor(
    private readonly change: (more: number) => void,
    /** Resolves when the tenant may do another piece of work. Tenants take turns. */
    readonly turn: () => Promise<void>,
  ) {}

  /** Throws `OVERLOADED` if there is no room for so many bytes. */
  resize(size: number): void {
    if (size === this.size) return;
    this.change(size - this.size);
    this.size = size;
  }

  release(): void {
    this.resize(0);
  }
}
