import { parseEventStoreAddress, parseNatsAddress } from '@cohort/surroundings';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { banner } from './banner';

const directory = mkdtempSync(join(tmpdir(), 'cohort banner-'));
afterAll(() => rmSync(directory, { recursive: true }));
const appsFile = join(directory, 'apps.json');

const shown = (apps: readonly object[], nats = 'nats://127.0.0.1:4222'): string => {
  writeFileSync(appsFile, JSON.stringify({ apps }));
  return banner({
    ...{ seconds: '1.0', gateway: 'http://127.0.0.1:8080', dataDir: '/data', dialects: [], appsFile },
    ...{ nats: parseNatsAddress(nats), eventStore: parseEventStoreAddress('esdb://127.0.0.1:2113') },
  });
};
/** The lines below the one about the file. */
const listed = (text: string): string[] => text.slice(text.indexOf('  apps  ')).trimEnd().split('\n').slice(2);

test('a file of apps is listed with the dialects of each app and a line to paste, and without a secret', () => {
  const lanying = { appId: 'shop-app', secret: 'hidden-secret' };
  const text = shown([
    { id: 'shop', lanying, rongcloud: { appKey: 'k', appSecret: 'hidden-key' } },
    { id: 'keys', lanying: { appId: 'a', jwksUrl: 'https://example.org/jwks' } },
    { id: 'plain' },
  ]);
  const create = (app: string) =>
    expect.stringMatching(
      new RegExp(`^    node /.*/request\\.cjs group\\.v1\\.command\\.create '{"app":"${app}","actor":.*}'$`),
    ) as string;
  expect(listed(text)).toEqual([
    'Your apps, each with a line to paste:',
    '  shop (lanying, rongcloud):',
    `    APPS_FILE='${appsFile}' npx cohort token --app shop --user 20`,
    '  keys (lanying):',
    create('keys'),
    '  plain (NATS alone):',
    create('plain'),
  ]);
  expect(text).not.toContain('hidden');
});

test('the line for another NATS server names it, and of many apps ten are listed', () => {
  const text = shown(
    Array.from({ length: 12 }, (_, i) => ({ id: `app${i}` })),
    'nats://127.0.0.1:4999',
  );
  const lines = listed(text);
  expect(lines).toHaveLength(22);
  expect(lines[2]).toContain('    NATS_URL=nats://127.0.0.1:4999 node ');
  expect(lines.at(-1)).toBe('  and 2 more.');
});

test('a file that can no longer be read is named alone', () => {
  const text = shown([{ id: 'shop' }, { id: 'shop' }]);
  expect(text.trimEnd().split('\n').at(-1)).toBe(`  apps         ${appsFile}`);
});
