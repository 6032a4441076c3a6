import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { provenBy, readAccessToken2, signatureOf } from './access-token2';
import { accessToken2 } from '../testing/access-token2';

const CERTIFICATE = '5CFd2fd1755d40ecb72977518be15d3b';
const APP = { appId: '970CA35de60c44645bbae8a215061b33', certificates: [CERTIFICATE] };
const ISSUED = 1_700_000_000;
const at = (seconds: number) => (ISSUED + seconds) * 1_000;

describe('the public token of the vendor', () => {
  const token = readAccessToken2(
    '007eJxTYEi5NsUtK7mP2/XY7lcnTH1zp8ium3cq4VtmmFfcdbv0NEYFBktzA2dHY9OUVDODZBMTMxPTpKTEVItEI0NTAzPDJGNjho/BqRFMDAyMDCDMysDIwMQA4jMwAABAbBov',
  )!;

  test('has these fields', () => {
    const { signed, signature, ...fields } = token;
    expect(fields).toEqual({
      ...{ appId: APP.appId, issuedAt: ISSUED, validFor: 600, salt: 1 },
      chat: { userId: '', privileges: new Map([[2, 600]]) },
    });
    expect(signature.toString('hex')).toBe('64d694466a638e0b45c6bbeac8354d6d941dae9eca60f669564a5ed73e676601');
    expect(signatureOf(token, CERTIFICATE)).toEqual(signature);
    expect(signed.subarray(2, 34).toString()).toBe(APP.appId);
  });

  test('is valid until its 600 seconds are over', () => {
    expect(provenBy(token, APP, at(0))).toEqual({ type: 'service' });
    expect(provenBy(token, APP, at(599))).toEqual({ type: 'service' });
    expect(provenBy(token, APP, at(600))).toBeUndefined();
    expect(provenBy(token, APP, Date.now())).toBeUndefined();
  });

  test('is valid with its own app id and certificate only', () => {
    expect(provenBy(token, { ...APP, appId: '0'.repeat(32) }, at(0))).toBeUndefined();
    const other = '0'.repeat(32);
    expect(provenBy(token, { ...APP, certificates: [other] }, at(0))).toBeUndefined();
    expect(provenBy(token, { ...APP, certificates: [] }, at(0))).toBeUndefined();
    expect(provenBy(token, { ...APP, certificates: [other, CERTIFICATE] }, at(0))).toBeDefined();
  });
});

const made = (fields: Parameters<typeof accessToken2>[1]) =>
  readAccessToken2(
    accessToken2({ appId: APP.appId, certificate: CERTIFICATE }, { issuedAt: ISSUED, validFor: 600, ...fields }),
  )!;

test("the privilege of a user proves that user, the app's privilege the service", () => {
  expect(provenBy(made({ userId: 'u1', privileges: { 1: 600 } }), APP, at(0))).toEqual({ type: 'user', id: 'u1' });
  expect(provenBy(made({ userId: 'u1', privileges: { 1: 600, 2: 600 } }), APP, at(0))).toEqual({ type: 'service' });
  expect(provenBy(made({ userId: '', privileges: { 1: 600 } }), APP, at(0))).toBeUndefined();
  expect(provenBy(made({ userId: 'u1', privileges: {} }), APP, at(0))).toBeUndefined();
});

test('a privilege that has run out proves nothing, and one of 0 seconds holds as long as the token', () => {
  const short = made({ userId: 'u1', privileges: { 1: 60 } });
  expect(provenBy(short, APP, at(59))).toEqual({ type: 'user', id: 'u1' });
  expect(provenBy(short, APP, at(60))).toBeUndefined();
  const whole = made({ userId: 'u1', privileges: { 1: 0 } });
  expect(provenBy(whole, APP, at(599))).toEqual({ type: 'user', id: 'u1' });
  expect(provenBy(whole, APP, at(600))).toBeUndefined();
  const both = made({ userId: 'u1', privileges: { 1: 600, 2: 60 } });
  expect(provenBy(both, APP, at(61))).toEqual({ type: 'user', id: 'u1' });
});

test('services before the chat are skipped, and a token without the chat proves nothing', () => {
  const rtc = { type: 1, texts: ['channel', '7'] };
  const education = { type: 7, texts: ['room', 'u1'], numbers: [3] };
  const token = made({ userId: 'u1', privileges: { 1: 600 }, before: [rtc, education] });
  expect(provenBy(token, APP, at(0))).toEqual({ type: 'user', id: 'u1' });
  const unknown = made({ userId: 'u1', privileges: { 1: 600 }, before: [{ type: 99, texts: [] }] });
  expect(provenBy(unknown, APP, at(0))).toBeUndefined();
});

test('a changed byte of the fields is seen', () => {
  const token = made({ userId: 'u1', privileges: { 1: 600 } });
  const signed = Buffer.from(token.signed);
  signed[signed.length - 1]! ^= 1;
  expect(provenBy({ ...token, signed }, APP, at(0))).toBeUndefined();
  const signature = createHmac('sha256', 'x').update('y').digest().subarray(0, 31);
  expect(provenBy({ ...token, signature }, APP, at(0))).toBeUndefined();
});

test.each([
  ['another version', '006abc'],
  ['no base64', '007***'],
  ['nothing', '007'],
  ['bytes that end too early', `007${deflateSync(Buffer.from([40, 0, 1, 2])).toString('base64')}`],
  ['too many bytes', `007${deflateSync(Buffer.alloc(1_000_000)).toString('base64')}`],
])('%s is no token', (_what, token) => {
  expect(readAccessToken2(token)).toBeUndefined();
});
