import { createHmac, timingSafeEqual } from 'node:crypto';
import { inflateSync } from 'node:zlib';

/** How every token of this format begins. */
export const VERSION = '007';

/** A token names a user and few privileges. */
const MAX_INFLATED = 16 * 1024;

/** The services of a token, by the vendor's numbers. */
const CHAT = 5;
/** What follows the privileges of each service: texts, and then single numbers of two bytes. */
const AFTER: Readonly<Record<number, readonly [texts: number, numbers: number]>> = {
  1: [2, 0],
  2: [1, 0],
  4: [0, 0],
  [CHAT]: [1, 0],
  7: [2, 1],
};

/** Privileges of the chat service. */
const PRIVILEGE = { user: 1, app: 2 } as const;

export interface AccessToken2 {
  readonly appId: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Seconds for which the token is valid. */
  readonly validFor: number;
  readonly salt: number;
  /** The chat service: its user, and the seconds after `issuedAt` for which each privilege holds. */
  readonly chat: { readonly userId: string; readonly privileges: ReadonlyMap<number, number> } | undefined;
  readonly signature: Buffer;
  /** The bytes that the signature signs. */
  readonly signed: Buffer;
}

/** Reads a token; undefined if it isn't one. Nothing of it is verified. */
export function readAccessToken2(token: string): AccessToken2 | undefined {
  if (!token.startsWith(VERSION)) return undefined;
  try {
    const bytes = inflateSync(Buffer.from(token.slice(VERSION.length), 'base64'), { maxOutputLength: MAX_INFLATED });
    const outer = new Reader(bytes);
    const signature = outer.bytes();
    const signed = outer.rest();
    const inner = new Reader(signed);
    const head = {
      appId: inner.text(),
      issuedAt: inner.uint32(),
      validFor: inner.uint32(),
      salt: inner.uint32(),
    };
    return { ...head, chat: chatOf(inner), signature, signed };
  } catch {
    // No base64 of compressed bytes, or the bytes end too early.
    return undefined;
  }
}

function chatOf(reader: Reader): AccessToken2['chat'] {
  for (let left = reader.uint16(); left > 0; left--) {
    const type = reader.uint16();
    const privileges = new Map<number, number>();
    for (let more = reader.uint16(); more > 0; more--) privileges.set(reader.uint16(), reader.uint32());
    if (type === CHAT) return { userId: reader.text(), privileges };
    const after = AFTER[type];
    if (!after) return undefined;
    for (let texts = after[0]; texts > 0; texts--) reader.bytes();
    for (let numbers = after[1]; numbers > 0; numbers--) reader.uint16();
  }
  return undefined;
}

class Reader {
  private at = 0;

  constructor(private readonly of: Buffer) {}

  uint16(): number {
    this.at += 2;
    return this.of.readUInt16LE(this.at - 2);
  }

  uint32(): number {
    this.at += 4;
    return this.of.readUInt32LE(this.at - 4);
  }

  bytes(): Buffer {
    const length = this.uint16();
    if (this.at + length > this.of.length) throw new RangeError('The token ends too early.');
    this.at += length;
    return this.of.subarray(this.at - length, this.at);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  rest(): Buffer {
    return this.of.subarray(this.at);
  }
}

const hmac = (key: Buffer | string, data: Buffer | string): Buffer => createHmac('sha256', key).update(data).digest();

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** The signature of a token with these fields by an app's certificate. */
export function signatureOf(
  { issuedAt, salt, signed }: Pick<AccessToken2, 'issuedAt' | 'salt' | 'signed'>,
  certificate: string,
): Buffer {
  return hmac(hmac(uint32(salt), hmac(uint32(issuedAt), certificate)), signed);
}

/** Who a valid token proves: the app itself, or one of its users. */
export type Proven = { readonly type: 'service' } | { readonly type: 'user'; readonly id: string };

/**
 * Verifies a token of an app and returns whom it proves; undefined if it isn't valid at this time. The privilege of the app
 * makes it the service's, the privilege of a user that user's. A privilege of 0 seconds holds as long as the token.
 */
export function provenBy(
  token: AccessToken2,
  app: { readonly appId: string; readonly certificates: readonly string[] },
  nowMs: number,
): Proven | undefined {
  if (token.appId !== app.appId || !token.chat) return undefined;
  const isOf = (certificate: string) => {
    const signature = signatureOf(token, certificate);
    return signature.length === token.signature.length && timingSafeEqual(signature, token.signature);
  };
  if (!app.certificates.some(isOf)) return undefined;
  const now = nowMs / 1_000;
  const holds = (seconds: number | undefined) => seconds !== undefined && now < token.issuedAt + seconds;
  if (!holds(token.validFor)) return undefined;
  const { userId, privileges } = token.chat;
  const has = (privilege: number) => {
    const seconds = privileges.get(privilege);
    return seconds === 0 || holds(seconds);
  };
  if (has(PRIVILEGE.app)) return { type: 'service' };
  return has(PRIVILEGE.user) && userId !== '' ? { type: 'user', id: userId } : undefined;
}
