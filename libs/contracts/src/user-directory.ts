import { isRecord } from './shape';
import { isPublishSubject } from './reply-subjects';

/** Bounds of a tenant's user directory. */
export const USER_DIRECTORY = {
  /** Users of a list. */
  listed: 100_000,
  /** Users of one request. */
  asked: 1_000,
  /** Bytes of an answer. */
  answerBytes: 512 * 1024,
  /** Milliseconds to wait for an answer. */
  timeoutMs: { default: 2_000, most: 10_000 },
  /** Milliseconds for which an answer counts. */
  cacheMs: { default: 60_000, most: 86_400_000 },
} as const;

/** The users that a tenant has: a list of them, or a NATS subject on which another service answers. */
export interface UserDirectorySettings {
  readonly users?: readonly string[];
  readonly subject?: string;
  /** Default 2,000. */
  readonly timeoutMs?: number;
  /** Default 60,000. */
  readonly cacheMs?: number;
}

/** The request to a user directory, as JSON. */
export interface UserDirectoryRequest {
  readonly app: string;
  /** At most 1,000, each once. */
  readonly userIds: readonly string[];
}

/** The answer of a user directory, as JSON. Other fields are ignored. */
export interface UserDirectoryAnswer {
  /** Those of the users that were asked for whom the directory knows. */
  readonly known: readonly string[];
}

/** Whether a directory may answer on this subject. Subjects of this service, of NATS itself and of answers aren't. */
export const isDirectorySubject = (subject: unknown): subject is string =>
  typeof subject === 'string' &&
  subject.length <= 256 &&
  isPublishSubject(subject) &&
  !/^(\$|_|group(\.|$))/.test(subject);

/**
 * The users whom an answer names as known; undefined if it is no answer to the request: too large, not JSON, of another
 * shape, or about users who weren't asked for.
 */
export function readDirectoryAnswer(answer: Uint8Array, asked: ReadonlySet<string>): ReadonlySet<string> | undefined {
  if (answer.length > USER_DIRECTORY.answerBytes) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer));
  } catch {
    return undefined;
  }
  const known: unknown = isRecord(value) ? value.known : undefined;
  if (!Array.isArray(known) || known.length > asked.size) return undefined;
  return known.every((userId) => typeof userId === 'string' && asked.has(userId))
    ? new Set(known as string[])
    : undefined;
}
