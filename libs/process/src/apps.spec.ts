import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CohortError } from '@cohort/contracts';
import { Apps, loadApps } from './apps';
import { StartError } from './start-error';

const directory = mkdtempSync(join(tmpdir(), 'cohort-apps-'));
afterAll(() => rmSync(directory, { recursive: true }));

const load = (json: unknown) => {
  const APPS_FILE = join(directory, 'apps.json');
  writeFileSync(APPS_FILE, typeof json === 'string' ? json : JSON.stringify(json));
  return loadApps({ APPS_FILE });
};

const refusal = (json: unknown): string => {
  try {
    load(json);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    return (error as StartError).message.replace(directory, 'DIR');
  }
  throw new Error('these apps were taken');
};

describe('without APPS_FILE', () => {
  it('the demo tenant exists, without keys of any dialect', () => {
    expect(JSON.parse(JSON.stringify(loadApps({})))).toEqual([
      { id: 'demo', ownerPolicy: 'refuse', groupCapacity: 1_000_000, dialects: {} },
    ]);
  });

  it('production is refused', () => {
    expect(() => loadApps({ NODE_ENV: 'production' })).toThrow(
      'APPS_FILE must name the file that lists the apps: the demo app is not for production.',
    );
  });
});

describe('APPS_FILE', () => {
  it('sets common keys, defaults hold for the others, and blocks of dialects stay as they are', () => {
    const rongcloud = { appKey: 'k', anything: [1] };
    const apps = load({
      apps: [
        { id: 'shop', ownerPolicy: 'oldestMember', groupCapacity: 500 },
        { id: 'chat', rongcloud, other: {} },
      ],
    });
    expect(JSON.parse(JSON.stringify(apps))).toEqual([
      { id: 'shop', ownerPolicy: 'oldestMember', groupCapacity: 500, dialects: {} },
      { id: 'chat', ownerPolicy: 'refuse', groupCapacity: 1_000_000, dialects: { rongcloud, other: {} } },
    ]);
  });

  it('is refused with the path of every bad key', () => {
    expect(
      refusal({
        apps: [
          { id: 'a/b', rongcloud: null },
          { id: 'ok', rongcloud: 'demo', other: [], colour: 'blue', groupCapacity: 0 },
        ],
      }),
    ).toBe(
      'APPS_FILE DIR/apps.json: ' +
        [
          'apps.0.id must be 1 to 64 of the characters A-Z a-z 0-9 _ -',
          'apps.1.groupCapacity must not be less than 1',
          ...['0.rongcloud', '1.rongcloud', '1.other', '1.colour'].map(
            (key) => `apps.${key} is neither a known field nor an object with the settings of a dialect`,
          ),
        ].join('; '),
    );
  });

  it.each([
    ['{"apps":', 'it is not well-formed JSON.'],
    ['[]', 'The body must be one JSON object.'],
    ['{}', 'apps must be an array'],
    ['{"apps": []}', 'apps must list at least one app'],
    ['{"apps": [7]}', 'apps'],
    ['{"apps": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}', 'two apps have the same id "a"'],
  ])('that is %s is refused', (json, says) => {
    expect(refusal(json)).toContain(says);
  });

  it('that does not exist is refused', () => {
    expect(() => loadApps({ APPS_FILE: join(directory, 'missing.json') })).toThrow('there is no such file');
  });
});

it('an unknown app is APP_NOT_FOUND', () => {
  const apps = new Apps(loadApps({}));
  expect(apps.get('demo').id).toBe('demo');
  expect(() => apps.get('other')).toThrow(new CohortError('APP_NOT_FOUND', 'There is no app "other" here.'));
});
