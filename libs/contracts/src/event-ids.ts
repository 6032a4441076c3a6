import { createHash } from 'node:crypto';
import { v5 } from 'uuid';
import { FIRST_ALIAS } from './ids';

/** Namespace of Cohort's event ids. */
export const EVENT_NAMESPACE = '6f1d5e0a-3f0b-5b51-9f5e-0c0a5e6c7d11';

/** What identifies an event: everything that distinguishes it from the event that another process may make of the same command. */
export interface EventOrigin {
  /** The name of the stream. */
  readonly stream: string;
  readonly commandId: string;
  readonly commandHash: string;
  /** The event's time, as its metadata has it. */
  readonly at: string;
  /** Which of the command's events it is, from 0. */
  readonly index: number;
}

/**
 * The id of an event that a command writes. An append that is sent again carries the same ids, and the event store recognises
 * it. The same command with another payload makes other ids, and so does another process, at another millisecond
 * (docs/decisions/0002-ids-and-numbers.md).
 */
export const eventId = ({ stream, commandId, commandHash, at, index }: EventOrigin): string =>
  v5([stream, commandId, commandHash, at, index].join('\n'), EVENT_NAMESPACE);

/** The id of a command that a process manager derives from a cause: the same cause and step give the same command. */
export const derivedCommandId = (causeId: string, step: string): string => v5(`${causeId}\n${step}`, EVENT_NAMESPACE);

/**
 * The group id for a command that names none: the first 52 bits of SHA-256(app, command id, salt) as a decimal, so that
 * the command sent again finds the group it made. When the id is taken by another command, take the next salt.
 */
export function generatedGroupId(app: string, commandId: string, salt: number): string {
  const digest = createHash('sha256').update(`${app}\n${commandId}\n${salt}`).digest();
  return (digest.readBigUInt64BE() >> 12n).toString();
}

/** Aliases are reserved in blocks of this many, by one append each. */
export const ALIAS_BLOCK_SIZE = 65_536n;
/** How many blocks there are: indexes run from 0 to this, exclusive. */
export const ALIAS_BLOCKS = FIRST_ALIAS / ALIAS_BLOCK_SIZE;

/** The first alias of a block; the block holds `ALIAS_BLOCK_SIZE` of them. */
export const firstAliasOf = (block: bigint): bigint => FIRST_ALIAS + block * ALIAS_BLOCK_SIZE;

/** Distinguishes a repeated command from another command with the same id: 16 hex digits over its canonical JSON. */
export function commandHash(name: string, payload: unknown): string {
  return createHash('sha256')
    .update(`${name}\n${canonicalJson(payload)}`)
    .digest('hex')
    .slice(0, 16);
}

/** JSON with the fields of each object in the order of their names. */
const canonicalJson = (value: unknown): string => JSON.stringify(ordered(value));

/** The value with the fields of each object in order. `JSON.stringify` is slow with a replacer, and an import has a million members. */
function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const entries = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) setOwn(result, name, ordered(entries[name]));
  return result;
}

/** `__proto__` is a name as any other. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true });
  else object[name] = value;
}
