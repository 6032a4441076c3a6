import { ERRORS, type ErrorCode, type ErrorKind } from '@cohort/contracts';

/** A vendor's code for every error: by its kind, with the exceptions listed by code. */
export interface VendorCodes<V> {
  readonly kinds: Readonly<Record<ErrorKind, V>>;
  readonly exceptions: Readonly<Partial<Record<ErrorCode, V>>>;
}

export const vendorCode = <V>({ kinds, exceptions }: VendorCodes<V>, code: ErrorCode): V =>
  exceptions[code] ?? kinds[ERRORS[code].kind];

/** One line for each error: code, vendor's code, and the kind where the mapping falls back to it. For tests. */
export const mappingTable = <V>(codes: VendorCodes<V>): string[] =>
  (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
    const why = codes.exceptions[code] === undefined ? ` (${ERRORS[code].kind})` : '';
    return `${code} ${String(vendorCode(codes, code))}${why}`;
  });
