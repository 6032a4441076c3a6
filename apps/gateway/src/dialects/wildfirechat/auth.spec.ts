import { TENANT_DEFAULTS, type AppSettings } from '@cohort/contracts';
import { tenantsOf } from '../../dialect/settings';
import type { Tenant } from '../../dialect/tenants';
import { authenticate, signature } from './auth';
import { SPEC } from './dialect';
import { WildfireChatError } from './errors';
import type { WildfireChatSettings } from './settings';

const tenant = (id: string, secret: string, checkTime = false): [string, Tenant<WildfireChatSettings>] => [
  secret,
  { id, settings: { secret, checkTime, visibleNotices: 0 } },
];
/** A tenant as `APPS_FILE` has it. */
const app = (wildfirechat: object, i: number): AppSettings => ({
  ...TENANT_DEFAULTS,
  id: `t${i}`,
  dialects: { wildfirechat },
});
const tenants = new Map([tenant('a', 'testsecret'), tenant('b', '123456'), tenant('strict', 'late', true)]);

/** The headers of the example in the vendor's document, which is signed with this secret. */
const example = { nonce: '76616', timestamp: '1558350862502', sign: 'b98f9b0717f59febccf1440067a7f50d9b31bdde' };
const prove = (headers: Record<string, string>, path = '/admin/group/create', now?: number) =>
  authenticate({ headers, path }, tenants, now);
const refusal = (...call: Parameters<typeof prove>) => {
  try {
    return prove(...call).tenant.id;
  } catch (error) {
    return (error as WildfireChatError).code;
  }
};

test("the document's example is signed with the secret 123456, and names the tenant that has it", () => {
  expect(signature('123456', example.nonce, example.timestamp)).toBe(example.sign);
  expect(signature('testsecret', '12345', '1700000000000')).toBe('fa660c4888055e81548254fc10bfc54c05348356');
  expect(prove(example)).toEqual({ tenant: tenants.get('123456'), actor: { type: 'service' } });
});

test('a request may be repeated, however old it is', () => {
  expect(refusal(example)).toBe('b');
  expect(refusal(example)).toBe('b');
});

test('another secret, nonce or timestamp is 244', () => {
  expect(refusal({ ...example, nonce: '76617' })).toBe(244);
  expect(refusal({ ...example, timestamp: '1558350862503' })).toBe(244);
  expect(refusal({ ...example, sign: signature('other', example.nonce, example.timestamp) })).toBe(244);
});

test.each(['nonce', 'timestamp', 'sign'])('a request without %s is 239', (name) => {
  expect(refusal({ ...example, [name]: '' })).toBe(239);
  expect(refusal(Object.fromEntries(Object.entries(example).filter(([other]) => other !== name)))).toBe(239);
});

test('a timestamp that is no number is 239', () => {
  expect(refusal({ ...example, timestamp: 'now' })).toBe(239);
});

test('with checkTime, a timestamp of more than two hours ago is 243, and one of the future is not', () => {
  const at = 1_700_000_000_000;
  const headers = { nonce: '1', timestamp: String(at), sign: signature('late', '1', String(at)) };
  expect(refusal(headers, undefined, at + 7_200_000)).toBe('strict');
  expect(refusal(headers, undefined, at + 7_200_001)).toBe(243);
  expect(refusal(headers, undefined, at - 86_400_000)).toBe('strict');
});

test('a wrong signature on an old timestamp is 243 if every tenant checks the time, else 244', () => {
  const now = Number(example.timestamp) + 7_200_001;
  const wrong = { headers: { ...example, nonce: '76617' }, path: '/admin/group/create' };
  const strict = new Map([tenant('strict', 'late', true)]);
  const code = (error: unknown) => expect.objectContaining({ code: error }) as Error;
  expect(() => authenticate(wrong, strict, now)).toThrow(code(243));
  expect(() => authenticate(wrong, strict, now - 1)).toThrow(code(244));
  expect(() => authenticate(wrong, tenants, now)).toThrow(code(244));
  expect(() => authenticate(wrong, new Map(), now)).toThrow(code(244));
});

test('a tenant has two secrets while callers change from one to the other', () => {
  const settings = [{ secret: 'old', secondSecret: 'new' }, { secret: 'other' }];
  const both = tenantsOf(SPEC, settings.map(app), []);
  const by = (secret: string) => {
    const headers = { nonce: '1', timestamp: '2', sign: signature(secret, '1', '2') };
    return authenticate({ headers, path: '/admin/group/del' }, both).tenant.id;
  };
  expect(['old', 'new', 'other'].map(by)).toEqual(['t0', 't0', 't1']);
});

test.each([
  [[{ secret: 'same' }, { secret: 'same' }], 'two apps have the same wildfirechat.secret'],
  [[{ secret: 'a', secondSecret: 'same' }, { secret: 'same' }], 'two apps have the same wildfirechat.secret'],
  [[{ secret: 'same' }, { secret: 'a', secondSecret: 'same' }], 'two apps have the same wildfirechat.secondSecret'],
  [[{ secret: 'same', secondSecret: 'same' }], 'apps.0.wildfirechat.secondSecret is its other key, too'],
])('secrets that are not different are refused and not shown: %j', (blocks, problem) => {
  const problems: string[] = [];
  tenantsOf(SPEC, blocks.map(app), problems);
  expect(problems).toEqual([problem]);
});

test.each(['/admin/health', '/Admin/Health/'])('%s needs no signature', (path) => {
  expect(refusal({}, path)).toBe('');
  expect(refusal({}, '/admin/healthy')).toBe(239);
});
