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
      {
        id: 'demo',
        ownerPolicy: 'refuse',
        groupCapacity: 1_000_000,
        maxAdmins: 99,
        numericUserIds: true,
        dialects: {},
      },
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
        { id: 'shop', ownerPolicy: 'oldestMember', groupCapacity: 500, maxAdmins: 20, numericUserIds: true },
        { id: 'chat', rongcloud, other: {} },
      ],
    });
    expect(JSON.parse(JSON.stringify(apps))).toEqual([
      {
        id: 'shop',
        ownerPolicy: 'oldestMember',
        groupCapacity: 500,
        maxAdmins: 20,
        numericUserIds: true,
        dialects: {},
      },
      {
        id: 'chat',
        ownerPolicy: 'refuse',
        groupCapacity: 1_000_000,
        maxAdmins: 99,
        numericUserIds: false,
        dialects: { rongcloud, other: {} },
      },
    ]);
  });

  it('sets the words that a tenant forbids, and refuses what is no word', () => {
    const [app] = load({ apps: [{ id: 'shop', forbiddenWords: ['casino', '赌博'] }] });
    expect(app?.forbiddenWords).toEqual(['casino', '赌博']);
    expect(refusal({ apps: [{ id: 'shop', forbiddenWords: [''] }] })).toContain(
      'app "shop": each value in forbiddenWords must be',
    );
  });

  it.each([[{ users: ['ann', '20'] }], [{ subject: 'shop.users', timeoutMs: 500, cacheMs: 0 }], [{ users: [] }]])(
    'sets the user directory of a tenant: %j',
    (userDirectory) => {
      const [app] = load({ apps: [{ id: 'shop', userDirectory }] });
      expect(JSON.parse(JSON.stringify(app?.userDirectory))).toEqual(userDirectory);
    },
  );

  it.each([
    [{}, 'app "shop": userDirectory must have users or subject'],
    [{ cacheMs: 1 }, 'app "shop": userDirectory must have users or subject'],
    [7, 'app "shop": userDirectory must be an object'],
    [{ users: ['ann'], subject: 'shop.users' }, "users can't be given beside subject"],
    [{ users: ['ann'], timeoutMs: 500 }, 'timeoutMs must be given with subject'],
    [{ subject: 'group.v1.command.dismiss' }, 'subject must be a NATS subject without wildcards'],
    [{ subject: 'shop.users', timeoutMs: 60_000 }, 'timeoutMs must be a whole number from 1 to 10000'],
    [{ users: [''] }, 'users must be a string of 1 to 64 characters'],
  ])('refuses the user directory %j', (userDirectory, why) => {
    expect(refusal({ apps: [{ id: 'shop', userDirectory }] })).toContain(why);
  });

  it("sets a tenant's limits, and refuses one that is unknown or over the outer bound", () => {
    const [app] = load({ apps: [{ id: 'shop', limits: { filesPerGroup: 5, fileBytes: 1e9 } }] });
    expect(JSON.parse(JSON.stringify(app))).toMatchObject({ limits: { filesPerGroup: 5, fileBytes: 1e9 } });
    expect(refusal({ apps: [{ id: 'shop', limits: { filesPerGroup: 10_001, other: 1 } }] })).toBe(
      'APPS_FILE DIR/apps.json: app "shop": limits.other is not a known field; ' +
        'app "shop": limits.filesPerGroup must be a whole number from 0 to 10000',
    );
  });

  it('is refused with the app and the path of every bad key', () => {
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
          'app "ok": groupCapacity must not be less than 1',
          ...['apps.0.rongcloud', ...['rongcloud', 'other', 'colour'].map((key) => `app "ok": ${key}`)].map(
            (key) => `${key} is neither a known field nor an object with the settings of a dialect`,
          ),
        ].join('; '),
    );
  });

  it.each([
    ['{"apps": [\n{"id": shop}]}', 'it is not well-formed JSON; the fault is in line 2.'],
    ['[]', 'The body must be one JSON object.'],
    ['{}', 'apps must be an array'],
    ['{"apps": []}', 'apps must list at least one app'],
    ['{"apps": [7]}', 'apps'],
    ['{"apps": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}', 'two apps have the same id "a"'],
  ])('that is %s is refused', (json, says) => {
    expect(refusal(json)).toContain(says);
  });

  it('may begin with the byte order mark of some editors', () => {
    expect(load('\ufeff{"apps": [{"id": "a"}]}')).toHaveLength(1);
  });

  it('that is a folder, or no UTF-8, is refused without a part of it', () => {
    expect(() => loadApps({ APPS_FILE: directory })).toThrow('it is a folder.');
    const file = join(directory, 'latin1.json');
    writeFileSync(file, Buffer.from('{"apps": [{"id": "\xe9"}]}', 'latin1'));
    expect(() => loadApps({ APPS_FILE: file })).toThrow('it is not a text in UTF-8.');
    expect(refusal('{"apps": [{"id": "a", "rongcloud": {"appSecret": hidden-secret}}]}')).not.toContain('hidden');
  });

  it('in production, does not list the demo app', () => {
    const APPS_FILE = join(directory, 'apps.json');
    writeFileSync(APPS_FILE, JSON.stringify({ apps: [{ id: 'shop' }, { id: 'demo' }] }));
    expect(loadApps({ APPS_FILE })).toHaveLength(2);
    expect(() => loadApps({ APPS_FILE, NODE_ENV: 'production' })).toThrow(
      `APPS_FILE ${APPS_FILE}: the app "demo" is not for production.`,
    );
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
