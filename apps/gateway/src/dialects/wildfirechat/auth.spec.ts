import type { Tenant } from '../../dialect/tenants';
import { authenticate, signature } from './auth';
import { WildfireChatError } from './errors';
import type { WildfireChatSettings } from './settings';

const tenant = (id: string, secret: string, checkTime = false): [string, Tenant<WildfireChatSettings>] => [
  secret,
  { id, settings: { secret, checkTime } },
];
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

test.each(['/admin/health', '/Admin/Health/'])('%s needs no signature', (path) => {
  expect(refusal({}, path)).toBe('');
  expect(refusal({}, '/admin/healthy')).toBe(239);
});
