import type { CohortError } from '@cohort/contracts';
import type { ClassConstructor } from 'class-transformer';
import type { IncomingMessage } from 'node:http';
import type { Incoming } from './call';
import type { Cors } from './cors';
import type { Schema } from './fields';
import type { Operation } from './operation';
import type { Proof, Tenants } from './tenants';

/** A status and a body, written as JSON. Without a body (undefined), the answer is empty. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** How a dialect reports errors. `E` is its own error, in the vendor's terms. */
export interface DialectErrors<E extends Error> {
  readonly type: abstract new (...args: never[]) => E;
  /** An error of Cohort in the vendor's terms. */
  readonly from: (error: CohortError) => E;
  /** No operation has this path and method. */
  readonly notFound: (incoming: Incoming) => E;
  readonly reply: (error: E, incoming: Incoming) => Reply;
  readonly schema: Schema;
}

/** The tenant `demo`, for trying a dialect out. Its keys are public. */
export interface Demo {
  /** The dialect's block in the settings of the tenant. */
  readonly settings: object;
  /** The keys as a person copies them. */
  readonly keys: string;
  /** A command line that makes a group. */
  readonly curl: (url: string) => string;
}

/** The gateway's settings that are ports of dialects. */
export type OwnPortSetting = 'WILDFIRECHAT_PORT';

/** The API of one vendor: `S` are its settings for a tenant, `E` its errors. */
export interface DialectSpec<S extends object, E extends Error> {
  /** The key of its block in `APPS_FILE`, and its tag in the OpenAPI document. */
  readonly key: string;
  readonly title: string;
  /** The vendor's document that the operations cite, by its short name in docs/dialects/README.md. */
  readonly document: string;
  readonly settings: ClassConstructor<S>;
  /**
   * The setting with which requests name their tenant: unique among the tenants of this dialect. No message shows it if it
   * is a secret, of a vendor whose requests name their tenant by their signature alone.
   */
  readonly tenantKey: { readonly name: string; readonly of: (settings: S) => string; readonly secret?: true };
  /** Another name by which requests name their tenant, if it has one: unique, too, and never a `tenantKey`. */
  readonly otherKey?: {
    readonly name: string;
    readonly of: (settings: S) => string | undefined;
    readonly secret?: true;
  };
  readonly demo: Demo;
  /** The paths that it claims, as a route: the label in metrics of requests that no operation takes. */
  readonly claimed: string;
  /** Whether it claims a path (lower case, no slash at the end). No other dialect may claim the same request. */
  readonly claims: (path: string, request: IncomingMessage) => boolean;
  /** The path by which a claimed path's operation is found; default: the path itself. */
  readonly routed?: (path: string) => string;
  /** Throws the dialect's error for a request without valid credentials. The body isn't read yet. */
  readonly authenticate: (incoming: Incoming, tenants: Tenants<S>) => Proof<S> | Promise<Proof<S>>;
  /** The headers that carry the credentials. */
  readonly credentials: readonly string[];
  /** For a dialect whose callers prove themselves by a token, never by a secret: pages of other sites may call it. */
  readonly cors?: Cors;
  /** The setting of its own port, for a vendor whose SDKs expect one: there, every path is the dialect's. */
  readonly ownPort?: OwnPortSetting;
  readonly errors: DialectErrors<E>;
  readonly operations: readonly Operation<S>[];
}
