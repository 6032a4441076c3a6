import { isAppId, isId, isPosition, type IsMember } from '@cohort/contracts';

type Checked = Pick<IsMember, 'app' | 'groupId' | 'userId' | 'after'>;

/**
 * The check of `IsMember`, written out: the body itself when it is well-formed, else undefined, and the DTO then says
 * what is wrong. A test holds the two together.
 */
export function quickIsMember(body: unknown): Checked | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { app, groupId, userId, after } = body as Partial<Checked>;
  if (!isAppId(app) || !isId(groupId) || !isId(userId)) return undefined;
  if (after !== undefined && !isPosition(after)) return undefined;
  for (const key in body) if (!KEYS.has(key)) return undefined;
  return body as Checked;
}

const KEYS: ReadonlySet<string> = new Set<keyof IsMember>(['app', 'groupId', 'userId', 'after']);
