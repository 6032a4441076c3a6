import type { AppSettings } from '@cohort/contracts';
import type { Schema } from './fields';
import type { OperationInfo } from './operation';
import { serving, type Served, type Serving } from './serve';
import { tenantsOf } from './settings';
import type { DialectSpec } from './spec';

/** A dialect as the frame knows it, with any settings and errors. */
export interface Dialect extends Pick<
  DialectSpec<object, Error>,
  'key' | 'title' | 'document' | 'demo' | 'claimed' | 'claims' | 'credentials' | 'ownPort'
> {
  readonly operations: readonly OperationInfo[];
  readonly errorSchema: Schema;
  /**
   * Checks the blocks of all tenants. Returns a function that begins to serve them; `problems` gets a sentence for each
   * bad key. In production, the demo's keys and weak secrets are bad.
   */
  readonly configure: (
    apps: readonly AppSettings[],
    problems: string[],
    production: boolean,
  ) => (context: Serving) => Served;
}

export const defineDialect = <S extends object, E extends Error>(spec: DialectSpec<S, E>): Dialect => ({
  key: spec.key,
  title: spec.title,
  document: spec.document,
  demo: spec.demo,
  claimed: spec.claimed,
  claims: spec.claims,
  credentials: spec.credentials,
  ...(spec.ownPort === undefined ? {} : { ownPort: spec.ownPort }),
  operations: spec.operations,
  errorSchema: spec.errors.schema,
  configure: (apps, problems, production) => {
    const tenants = tenantsOf(spec, apps, problems, production);
    return (context) => serving(spec, tenants, context);
  },
});
