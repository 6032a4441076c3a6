import { isModest, listOf, maybe, Shape, textUpTo, wholeNumber } from './shape';
import { IsBytes, IsLine, IsList, IsWhole, Optional } from './validation';

/** Bounds of a notice. */
export const NOTICE = { vendor: 64, payloadBytes: 16 * 1024, lines: 16 } as const;

/**
 * What a caller wants shown to people in place of the built-in notice of an event, such as a message in a vendor's own
 * form. It is kept and passed on: no rule, list or query depends on it.
 */
export interface Notice {
  /** Whose form the payload has. */
  readonly vendor: string;
  /** The message: any text, such as JSON. */
  readonly payload: string;
  /** The vendor's numbers of the conversations that it is sent to, where the vendor has them. */
  readonly lines?: readonly number[];
}

/** A notice as a command carries it. */
export class NoticeDto implements Notice {
  @IsLine(NOTICE.vendor, 1)
  vendor!: string;

  /** At most 16 KiB in UTF-8. */
  @IsBytes(NOTICE.payloadBytes)
  payload!: string;

  @Optional()
  @IsList(NOTICE.lines)
  @IsWhole(0, 2 ** 31 - 1, { each: true })
  lines?: number[];
}

const shape = new Shape<Notice>({
  vendor: textUpTo(NOTICE.vendor),
  payload: (value) => typeof value === 'string' && value.length <= NOTICE.payloadBytes,
  lines: maybe(listOf(NOTICE.lines, wholeNumber)),
});

/** Whether a stored value is a notice. */
export const isNotice = (value: unknown): value is Notice => shape.fault(value) === undefined && isModest(value);

/** The notice in an attribute of the feed; undefined if it has none. */
export function readNotice(json: string): Notice | undefined {
  if (json === '') return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isNotice(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
