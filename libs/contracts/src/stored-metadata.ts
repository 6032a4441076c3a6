import { isCommandId, isId } from './ids';
import { isNotice } from './notice';
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

const HASH = /^[0-9a-f]{1,64}$/;

/**
 * What is wrong with an event's metadata, as a sentence; undefined if readers can use the fields that they have. A field may be
 * missing: earlier builds and other tools wrote events without some. Each event is checked, so this is one plain function.
 */
export function faultOfMetadata(metadata: Metadata, app: string): string | undefined {
  const { at, schemaVersion, batch, actor, commandId, commandHash, traceparent, refused, made, imported, notice } =
    metadata;
  if (metadata.app !== undefined && metadata.app !== app) return "its metadata names another app than its stream's";
  if (at !== undefined && !(typeof at === 'string' && TIME.test(at))) return wrong('at');
  if (schemaVersion !== undefined && !(isCount(schemaVersion) && schemaVersion >= 1)) return wrong('schemaVersion');
  if (batch !== undefined && !isPlace(batch)) return wrong('batch');
  if (actor !== undefined && !isActor(actor)) return wrong('actor');
  if (commandId !== undefined && !isCommandId(commandId)) return wrong('commandId');
  if (commandHash !== undefined && !(typeof commandHash === 'string' && HASH.test(commandHash)))
    return wrong('commandHash');
  if (traceparent !== undefined && !(typeof traceparent === 'string' && TRACEPARENT.test(traceparent)))
    return wrong('traceparent');
  if (notice !== undefined && !isNotice(notice)) return wrong('notice');
  if (imported !== undefined && imported !== true) return wrong('imported');
  if (made !== undefined && !isId(made)) return wrong('made');
  return refused === undefined || isRefusals(refused) ? undefined : wrong('refused');
}

const wrong = (field: string): string => `its metadata has a wrong field "${field}"`;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value);

/** The time in checked metadata, in milliseconds since 1970; undefined if it has none, NaN if it isn't after 1970. */
export function timeOf({ at }: Metadata): number | undefined {
  if (at === undefined) return undefined;
  const time = Date.parse(at as string);
  return time >= 0 ? time : NaN;
}

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
  return value.every((one: unknown) => isRecord(one) && isId(one.userId ?? one.fileId) && isId(one.code));
}
