import { isCommandId, isId } from './ids';
import { isRecord } from './shape';

type Metadata = Readonly<Record<string, unknown>>;

/** Place among the events of one append. */
export interface PlaceInAppend {
  readonly index: number;
  readonly size: number;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Most events of one append: each takes more than a hundred bytes of the event store's limit of 1 MiB. */
const MAX_APPEND_EVENTS = 10_000;
const ALONE: PlaceInAppend = { index: 0, size: 1 };

/** Checks of the fields that readers use. A field may be missing: earlier builds and other tools wrote events without some. */
const CHECKS: readonly (readonly [name: string, check: (value: unknown) => boolean])[] = [
  ['at', (value) => typeof value === 'string' && TIME.test(value) && Date.parse(value) >= 0],
  ['schemaVersion', (value) => Number.isSafeInteger(value) && (value as number) >= 1],
  ['batch', isPlace],
  ['actor', isActor],
  ['commandId', isCommandId],
  ['commandHash', (value) => typeof value === 'string' && /^[0-9a-f]{1,64}$/.test(value)],
  ['traceparent', (value) => typeof value === 'string' && TRACEPARENT.test(value)],
  ['refused', isRefusals],
];

/** What is wrong with an event's metadata, as a sentence; undefined if readers can use them. */
export function faultOfMetadata(metadata: Metadata, app: string): string | undefined {
  if (metadata.app !== undefined && metadata.app !== app) return "its metadata names another app than its stream's";
  for (const [name, check] of CHECKS) {
    const value = metadata[name];
    if (value !== undefined && !check(value)) return `its metadata has a wrong field "${name}"`;
  }
  return undefined;
}

/** The time in checked metadata, in milliseconds since 1970. */
export const timeOf = ({ at }: Metadata): number => Date.parse(at as string);

/** The place in checked metadata. An event without one was appended alone. */
export const placeInAppend = ({ batch }: Metadata): PlaceInAppend =>
  batch === undefined ? ALONE : (batch as PlaceInAppend);

function isPlace(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { index, size } = value as unknown as PlaceInAppend;
  return (
    Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size && size <= MAX_APPEND_EVENTS
  );
}

function isActor(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { type, id, onBehalfOf } = value;
  if (type === 'user') return isId(id);
  return type === 'service' && (onBehalfOf === undefined || isId(onBehalfOf));
}

function isRefusals(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  return value.every((one: unknown) => isRecord(one) && isId(one.userId) && isId(one.code));
}
