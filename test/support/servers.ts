/**
 * Which event store and which NATS the tests use, by the settings in docs/testing.md. Specs get them from
 * `startEventStore`, `useEventStore`, `startNats` and `useNats`, and from nowhere else.
 */

// An empty setting counts as unset.
const setting = (name: string): string | undefined => (process.env[name] === '' ? undefined : process.env[name]);

/** A shell command that starts an event store. Default: the embedded one. */
export const EVENTSTORE_COMMAND = setting('EVENTSTORE_COMMAND');
/** An event store that runs already. */
export const EVENTSTORE_URL = setting('EVENTSTORE_URL');
/** A shell command that starts a nats-server; its options are appended. */
export const NATS_SERVER_COMMAND = setting('NATS_SERVER_COMMAND') ?? 'nats-server';
/** A nats-server that runs already. */
export const NATS_URL = setting('NATS_URL');
/** The longest start of a server or a process, in milliseconds. */
export const READY_WITHIN_MS = Number(setting('TEST_READY_SECONDS') ?? 60) * 1_000;

/** What a spec can't do without. */
export type Need =
  /** An event store that nobody else uses, to kill it, to stop it, or to know all that it has. */
  | 'own event store'
  /** From `useEventStore`, an event store that nobody uses after this spec: it gets events that harm others. */
  | 'event store of this run'
  /** A nats-server that nobody else uses, with its options. */
  | 'own nats-server'
  /** The embedded event store itself. */
  | 'embedded event store';

const AVAILABLE: Readonly<Record<Need, boolean>> = {
  'own event store': EVENTSTORE_URL === undefined || EVENTSTORE_COMMAND !== undefined,
  'event store of this run': EVENTSTORE_URL === undefined,
  'own nats-server': NATS_URL === undefined || setting('NATS_SERVER_COMMAND') !== undefined,
  'embedded event store': EVENTSTORE_URL === undefined && EVENTSTORE_COMMAND === undefined,
};

export const isAvailable = (...needs: readonly Need[]): boolean => needs.every((need) => AVAILABLE[need]);

/** What this spec has declared that it needs. */
const declared = new Set<Need>();
/** The helpers are used outside Jest, too: by the benchmark, and by processes of tests. */
const isInSpec = (): boolean => typeof test !== 'undefined';

function declare(needs: readonly Need[]): boolean {
  for (const need of needs) declared.add(need);
  return isAvailable(...needs);
}

/**
 * Skips all tests of this spec, if the settings don't allow what they need; skipped tests are counted. Called at the top of
 * a spec, or of a module of helpers for all specs that import it.
 */
export function requires(...needs: readonly Need[]): void {
  if (!isInSpec() || declare(needs)) return;
  const { describe: group, test: one } = globalThis;
  const describe = Object.assign(group.skip.bind(undefined), group, { each: group.skip.each });
  const test = Object.assign(one.skip.bind(undefined), one, { each: one.skip.each });
  Object.assign(globalThis, { describe, test, it: test });
}

/** Declares one test that is skipped if the settings don't allow what it needs. */
export const testOn = (...needs: readonly Need[]): jest.It => (declare(needs) ? test : test.skip);

/** For what starts a server: throws in a spec that hasn't declared the need, so that none is forgotten. */
export function mustBeDeclared(need: Need): void {
  if (isInSpec() && !declared.has(need)) throw new Error(`This spec must declare \`requires('${need}')\`.`);
  if (!AVAILABLE[need]) throw new Error(`The settings have no ${need}.`);
}
