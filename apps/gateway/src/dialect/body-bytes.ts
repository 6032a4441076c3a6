import { FairTurns } from '@cohort/bus';
import { CohortError } from '@cohort/contracts';

const MIB = 1024 * 1024;

/** Bytes of all bodies that are in memory together, unless a setting says otherwise. */
export const BODIES_MAX_BYTES = 64 * MIB;

/** The part of these bytes that the bodies of one tenant may take, so that one tenant alone can't refuse the others'. */
const SHARE = 0.5;

/** The bytes of the bodies in memory: of all callers together, and of each tenant. */
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
      async () => this.turns.next(tenant),
    );
  }

  /** Throws `OVERLOADED` and changes nothing if the bytes don't fit. */
  private change(tenant: string, more: number): void {
    const ofTenant = (this.byTenant.get(tenant) ?? 0) + more;
    if (more > 0 && (this.total + more > this.max || ofTenant > this.max * SHARE)) {
      this.onFull();
      throw new CohortError('OVERLOADED', 'Too many bodies are in flight; nothing was done, try again later.');
    }
    this.total += more;
    if (ofTenant === 0) this.byTenant.delete(tenant);
    else this.byTenant.set(tenant, ofTenant);
  }
}

/** The bytes of one body. They are held until the request is answered, because its fields live as long. */
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
