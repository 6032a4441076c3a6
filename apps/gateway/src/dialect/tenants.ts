import type { Actor } from '@cohort/contracts';

/** A tenant as one dialect sees it: its id and its settings for this dialect. */
export interface Tenant<S> {
  readonly id: string;
  readonly settings: S;
}

/** The tenants of a dialect by the key with which requests name them. Keys are unique. */
export type Tenants<S> = ReadonlyMap<string, Tenant<S>>;

/** What the credentials of a request prove. */
export interface Proof<S> {
  readonly tenant: Tenant<S>;
  readonly actor: Actor;
}
