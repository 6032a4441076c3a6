import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';

interface Service {
  readonly type: number;
  readonly texts: readonly string[];
  readonly numbers?: readonly number[];
  readonly privileges?: Readonly<Record<number, number>>;
}

interface Fields {
  /** Seconds since 1970; default: now. */
  readonly issuedAt?: number;
  readonly validFor?: number;
  readonly userId?: string;
  /** Seconds of each privilege: 1 of the user, 2 of the app. */
  readonly privileges: Readonly<Record<number, number>>;
  /** Services before the chat. */
  readonly before?: readonly Service[];
}

const uint16 = (value: number): Buffer => Buffer.from(Uint16Array.of(value).buffer);
const uint32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const text = (value: string | Buffer): Buffer => Buffer.concat([uint16(Buffer.byteLength(value)), Buffer.from(value)]);
const hmac = (key: Buffer, data: Buffer | string): Buffer => createHmac('sha256', key).update(data).digest();

/** A token as the vendor's builder makes it, without the gateway's code. */
export function accessToken2(
  { appId, certificate }: { readonly appId: string; readonly certificate: string },
  { issuedAt = Math.floor(Date.now() / 1_000), validFor = 3_600, userId = '', privileges, before = [] }: Fields,
): string {
  const services: readonly Service[] = [...before, { type: 5, texts: [userId], privileges }];
  const salt = 99_999;
  const info = Buffer.concat([
    ...[text(appId), uint32(issuedAt), uint32(validFor), uint32(salt), uint16(services.length)],
    ...services.flatMap(({ type, texts, numbers = [], privileges: given = {} }) => [
      ...[uint16(type), uint16(Object.keys(given).length)],
      ...Object.entries(given).flatMap(([privilege, seconds]) => [uint16(Number(privilege)), uint32(seconds)]),
      ...[...texts.map(text), ...numbers.map(uint16)],
    ]),
  ]);
  const signature = hmac(hmac(uint32(salt), hmac(uint32(issuedAt), certificate)), info);
  return `007${deflateSync(Buffer.concat([text(signature), info])).toString('base64')}`;
}
