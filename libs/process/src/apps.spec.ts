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
  it('there is the demo app, with the keys of the documentation', () => {
    expect(JSON.parse(JSON.stringify(loadApps({})))).toEqual([
      {
        id: 'demo',
        ownerPolicy: 'refuse',
        groupCapacity: 1_000_000,
        rongcloud: {
          appKey: 'demo',
          appSecret: 'demo-secret',
          strict: false,
          groupCapacity: 3_000,
          usersPerCall: 1_000,
        },
        wildfirechat: { secret: 'demo-secret' },
        shengwang: { appId: '970CA35de60c44645bbae8a215061b33', certificate: '5CFd2fd1755d40ecb72977518be15d3b' },
        agora: { org: 'demo', app: 'demo', clientId: 'demo', clientSecret: 'demo-secret' },
        lanying: { appId: 'demo', secret: 'demo-secret' },
      },
    ]);
  });

  it('there is none in production', () => {
    expect(() => loadApps({ NODE_ENV: 'production' })).toThrow(
      'APPS_FILE must name the file that lists the apps: the demo app is not for production.',
    );
  });
});

describe('APPS_FILE', () => {
  it('gives apps with their own keys and limits, and defaults for the rest', () => {
    const [shop, chat] = load({
      apps: [
        { id: 'shop', ownerPolicy: 'oldestMember', groupCapacity: 500 },
        { id: 'chat', rongcloud: { appKey: 'k', appSecret: 's', strict: true, usersPerCall: 10 } },
      ],
    });
    expect(shop).toMatchObject({ id: 'shop', ownerPolicy: 'oldestMember', groupCapacity: 500 });
    expect(shop!.rongcloud).toBeUndefined();
    expect(chat!.rongcloud).toMatchObject({ strict: true, groupCapacity: 3_000, usersPerCall: 10 });
  });

  it('is refused with the path of every bad key, its secrets not shown', () => {
    const message = refusal({
      apps: [
        { id: 'a/b', rongcloud: { appKey: 'k', appSecret: 4711, limit: 1 } },
        { id: 'ok', lanying: 'demo', agora: null, colour: 'blue', groupCapacity: 0 },
      ],
    });
    expect(message).toContain('APPS_FILE DIR/apps.json: ');
    expect(message).toContain('apps.0.id must be 1 to 64 of the characters A-Z a-z 0-9 _ -');
    expect(message).toContain('apps.0.rongcloud.appSecret must be a text of 1 to 256 characters');
    expect(message).toContain('apps.0.rongcloud.limit is not a known field');
    expect(message).toContain('apps.1.lanying must be an object');
    expect(message).toContain('apps.1.agora must be an object');
    expect(message).toContain('apps.1.colour is not a known field');
    expect(message).toContain('apps.1.groupCapacity must not be less than 1');
    expect(message).not.toContain('4711');
  });

  it.each([
    ['{"apps":', 'it is not well-formed JSON.'],
    ['[]', 'The body must be one JSON object.'],
    ['{}', 'apps must be an array'],
    ['{"apps": []}', 'apps must list at least one app'],
    ['{"apps": [7]}', 'apps'],
    ['{"apps": [{"id": "a"}, {"id": "a"}]}', 'two apps have the same id "a"'],
    [
      '{"apps": [{"id": "a", "lanying": {"appId": "x", "secret": "s"}}, {"id": "b", "lanying": {"appId": "x", "secret": "t"}}]}',
      'two apps have the same lanying.appId "x"',
    ],
  ])('that is %s is refused', (json, says) => {
    expect(refusal(json)).toContain(says);
  });

  it('that is not there is told so', () => {
    expect(() => loadApps({ APPS_FILE: join(directory, 'missing.json') })).toThrow('there is no such file');
  });
});

it('an unknown app is APP_NOT_FOUND', () => {
  const apps = new Apps(loadApps({}));
  expect(apps.get('demo').id).toBe('demo');
  expect(() => apps.get('other')).toThrow(new CohortError('APP_NOT_FOUND', 'There is no app "other" here.'));
});
