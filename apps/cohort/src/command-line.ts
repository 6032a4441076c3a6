import type { ParseArgsConfig } from 'node:util';

/** What a command line was called with. */
export interface Given {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** The arguments that are no options. */
  readonly positionals: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A command of `npx cohort`. */
export interface CommandLine {
  /** `--app <id> --user <id>`: what stands behind its name. */
  readonly usage: string;
  /** One clause, the predicate of "this command ...". */
  readonly summary: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Returns its result, which goes to stdout. Throws `UsageError` for arguments that don't fit. */
  readonly run: (given: Given) => Promise<string>;
}

/** The arguments don't fit: the usage is printed with it. */
export class UsageError extends Error {}
