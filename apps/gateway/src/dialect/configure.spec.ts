import { TENANT_DEFAULTS, type AppSettings } from '@cohort/contracts';
import { StartError } from '@cohort/process';
import { rongcloud } from '../dialects/rongcloud/dialect';
import { RongCloudSettings } from '../dialects/rongcloud/settings';
import { configure } from './configure';
import { tenantsOf } from './settings';
import { sample } from './testing/sample';

const app = (id: string, dialects: AppSettings['dialects']): AppSettings => ({
  ...TENANT_DEFAULTS,
  id,
  ...(dialects ? { dialects } : {}),
});
const keys = { appKey: 'k', appSecret: 's' };

const refusal = (apps: readonly AppSettings[], production = false): string => {
  try {
    configure([rongcloud, sample], apps, 'apps.json', production);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    return (error as StartError).message;
  }
  return 'accepted';
};

test('tenants may have blocks of all dialects, of some, or of none', () => {
  const org = { org: 'o', token: 't' };
  expect(
    refusal([
      app('a', { rongcloud: keys, sample: org }),
      app('b', { rongcloud: { ...keys, appKey: 'l' } }),
      app('c', {}),
    ]),
  ).toBe('accepted');
});

test('a block of an unknown dialect is refused by its app and path', () => {
  expect(refusal([app('a', { rongcloud: keys }), app('b', { wildfirechat: { secret: 's' } })])).toBe(
    'APPS_FILE apps.json: app "b": wildfirechat is not a dialect that is served here: rongcloud, sample',
  );
});

test('all bad keys are named together, by their app and path, and no secret is shown', () => {
  const message = refusal([
    app('a', { rongcloud: { appKey: 'k', appSecret: 4711, limit: 1, strict: 'yes', usersPerCall: 0 } }),
    app('b', { sample: { org: 'o' }, lanying: {} }),
    app('c', { sample: [] }),
  ]);
  expect(message.split('; ').sort()).toEqual(
    [
      'APPS_FILE apps.json: app "b": lanying is not a dialect that is served here: rongcloud, sample',
      'app "a": rongcloud.appSecret must be a text of 1 to 256 characters',
      'app "a": rongcloud.limit is not a known field',
      'app "a": rongcloud.strict must be a boolean value',
      'app "a": rongcloud.usersPerCall must not be less than 1',
      'app "b": sample.token must be a text of 1 to 256 characters',
      'app "c": sample must be an object',
    ].sort(),
  );
  expect(message).not.toContain('4711');
});

test('two tenants may not have the same key of a dialect', () => {
  expect(refusal([app('a', { rongcloud: keys }), app('b', { rongcloud: { ...keys, appSecret: 't' } })])).toBe(
    'APPS_FILE apps.json: two apps have the same rongcloud.appKey "k"',
  );
});

test('two tenants may not have the same secret of a dialect whose tenants are named by it, and no message shows it', () => {
  const { key, demo } = rongcloud;
  const tenantKey = { name: 'appSecret', of: ({ appSecret }: RongCloudSettings) => appSecret, secret: true };
  const spec = { key, demo, settings: RongCloudSettings, tenantKey };
  const problems: string[] = [];
  const apps = ['a', 'b'].map((id) => app(id, { rongcloud: { appKey: id, appSecret: 'hidden' } }));
  tenantsOf(spec as unknown as Parameters<typeof tenantsOf<RongCloudSettings, Error>>[0], apps, problems);
  expect(problems).toEqual(['two apps have the same rongcloud.appSecret']);
});

test("production refuses the demo's keys and weak secrets of a file, by their app and path, and shows no secret", () => {
  const strong = 'AzZGtxkUiCTA';
  const apps = [
    app('a', { rongcloud: { appKey: 'Demo', appSecret: 'Demo-Secret ' } }),
    app('b', { rongcloud: { appKey: 'k', appSecret: 's' }, sample: { org: 'o', token: 'aaaaaaaaaaaaaaaa' } }),
    app('c', { rongcloud: { appKey: 'l', appSecret: strong } }),
    app('d', { rongcloud: { appKey: 'm', appSecret: strong } }),
    app('e', { sample: { org: '5ZjqnXzkXF6y', token: '5ZjqnXzkXF6y' } }),
  ];
  expect(refusal(apps)).toBe('accepted');
  const message = refusal(apps, true);
  expect(message.split('; ')).toEqual([
    'APPS_FILE apps.json: app "a": rongcloud.appKey is that of the demo app, which is public: not for production',
    'app "a": rongcloud.appSecret is that of the demo app, which is public: not for production',
    'app "b": rongcloud.appSecret must have at least 12 characters',
    'app "d": rongcloud.appSecret is that of another app, too',
    'app "b": sample.token is too easily guessed: use random characters',
    'app "e": sample.token is that of another key, too',
  ]);
  expect(message).not.toMatch(/aaaa|AzZ|5Zj|Demo-/);
  expect(refusal([app('c', { rongcloud: { appKey: 'l', appSecret: strong } })], true)).toBe('accepted');
});

test('the demo blocks are valid, and belong to the demo tenant only', () => {
  expect(() => configure([rongcloud, sample], [app('demo', undefined)], undefined)).not.toThrow();
  const configured: unknown[] = [];
  const spy = { ...sample, configure: (apps: readonly AppSettings[]) => (configured.push(apps), () => null as never) };
  configure([spy], [app('demo', undefined)], undefined);
  configure([spy], [app('demo', {})], 'apps.json');
  expect(configured).toEqual([[app('demo', { sample: sample.demo.settings })], [app('demo', {})]]);
});

test('a tenant is found by its key only, with the defaults of its settings', () => {
  const spec = {
    key: 'rongcloud',
    settings: RongCloudSettings,
    demo: rongcloud.demo,
    tenantKey: { name: 'appKey', of: ({ appKey }: { appKey: string }) => appKey },
  } as unknown as Parameters<typeof tenantsOf<RongCloudSettings, Error>>[0];
  const tenants = tenantsOf(spec, [app('a', { rongcloud: keys }), app('b', {})], []);
  expect(tenants.get('k')).toEqual({
    id: 'a',
    settings: { ...keys, strict: false, groupCapacity: 3_000, usersPerCall: 1_000, utcOffsetMinutes: 480 },
  });
  expect(tenants.get('toString')).toBeUndefined();
  expect(tenants.size).toBe(1);
});
