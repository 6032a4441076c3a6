import { createHmac, timingSafeEqual } from 'node:crypto';
import { isId } from './ids';

/**
 * A join code: any user that has it may join a group, until it ends or the group's join key is changed
 * (docs/decisions/0030-joining.md). It is signed, and not stored.
 */
export interface JoinCode {
  readonly groupId: string;
  /** The number of the group's join key: a code of an earlier key is worth nothing. */
  readonly key: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The member who shares it; undefined if a service does. */
  readonly by?: string;
}

/** Longest join code, in characters: two ids of 64 code points in UTF-8, three numbers and a signature. */
export const MAX_JOIN_CODE_LENGTH = 1_024;

/** Signs codes of one tenant; made of the tenant's own key. */
export type JoinCodeSecret = Uint8Array;
export const joinCodeSecret = (tenantKey: Uint8Array): JoinCodeSecret =>
  createHmac('sha256', tenantKey).update('join codes').digest();

const signature = (content: string, secret: JoinCodeSecret): Buffer =>
  createHmac('sha256', secret).update(content).digest();

/** The text of a code: its content and a signature, both in base64url. */
export function writeJoinCode({ groupId, key, createdAt, expiresAt, by }: JoinCode, secret: JoinCodeSecret): string {
  const parts = [groupId, key, createdAt, expiresAt, ...(by === undefined ? [] : [by])];
  const content = Buffer.from(JSON.stringify(parts)).toString('base64url');
  return `${content}.${signature(content, secret).toString('base64url')}`;
}

/** What a code says, whoever signed it; undefined for a text that is no code. */
export function readJoinCode(text: string): JoinCode | undefined {
  if (text.length > MAX_JOIN_CODE_LENGTH) return undefined;
  const [, content] = /^([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]{43}$/.exec(text) ?? [];
  if (content === undefined) return undefined;
  try {
    const parts = JSON.parse(Buffer.from(content, 'base64url').toString('utf8')) as unknown;
    if (!Array.isArray(parts) || parts.length < 4 || parts.length > 5) return undefined;
    const [groupId, key, createdAt, expiresAt, by] = parts as unknown[];
    if (!isId(groupId) || !isCount(key) || !isCount(createdAt) || !isCount(expiresAt)) return undefined;
    if (by === undefined) return { groupId, key, createdAt, expiresAt };
    return isId(by) ? { groupId, key, createdAt, expiresAt, by } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the tenant with this secret signed the code. */
export function isSignedBy(secret: JoinCodeSecret, text: string): boolean {
  const dot = text.lastIndexOf('.');
  const given = Buffer.from(text.slice(dot + 1), 'base64url');
  const right = signature(text.slice(0, dot), secret);
  return given.length === right.length && timingSafeEqual(given, right);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
