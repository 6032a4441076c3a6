import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const TEST = join(__dirname, '..');

const files = readdirSync(TEST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(ts|cjs)$/.test(entry.name))
  .map((entry) => relative(TEST, join(entry.parentPath, entry.name)))
  .sort();

const textOf = (file: string): string => readFileSync(join(TEST, file), 'utf8');

/** The files that may start servers, or are about one server. */
const DOOR = ['support/event-store.ts', 'support/nats-server.ts', 'support/servers.ts'];
/** A spec that is about the embedded event store says that it needs it. */
const saysSo = (file: string): boolean => /^requires\(.*'embedded event store'\);$/m.test(textOf(file));
const isAboutEmbeddedStore = (file: string): boolean => file.startsWith('embedded-event-store/') || saysSo(file);
const others = files.filter(
  (file) => !DOOR.includes(file) && !isAboutEmbeddedStore(file) && file !== 'structure/servers.spec.ts',
);

/** They start the programs that use the settings, and look at them before. */
const RUNNERS = ['run.cjs', 'bench/run.cjs', 'containers/real-servers.container-spec.ts'];

/** Texts by which a file would start a server, or would know which one it is. */
const FORBIDDEN: readonly [what: string, pattern: RegExp, allowed?: readonly string[]][] = [
  ['the embedded event store', /@cohort\/embedded-event-store|libs\/embedded-event-store|startEmbeddedEventStore/],
  ['a nats-server of its own', /(spawn|fork|exec|execFile|execFileSync|spawnSync)\)?\(\s*'nats-server'/],
  [
    'a setting of the servers',
    /process\.env\.(EVENTSTORE_URL|EVENTSTORE_COMMAND|NATS_URL|NATS_SERVER_COMMAND)/,
    RUNNERS,
  ],
];

test.each(FORBIDDEN)('no file of the tests but those in test/support uses %s', (_what, pattern, allowed = []) => {
  expect(files).toEqual(expect.arrayContaining(DOOR));
  expect(others.filter((file) => pattern.test(textOf(file)))).toEqual([...allowed].sort());
});

test('each spec about the embedded event store says so, and is skipped with another event store', () => {
  const specs = files.filter((file) => isAboutEmbeddedStore(file) && file.endsWith('-spec.ts'));
  expect(specs.length).toBeGreaterThan(0);
  expect(specs.filter((file) => !saysSo(file))).toEqual([]);
});
