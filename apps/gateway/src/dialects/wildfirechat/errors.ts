import type { CohortError, ErrorCode } from '@cohort/contracts';
import { vendorCode, type VendorCodes } from '../../dialect/errors';
import type { DialectErrors } from '../../dialect/spec';

/** The vendor's codes that this dialect uses, each with its text in the vendor's server. */
export const TEXTS = {
  2: 'invalid data',
  4: 'server error',
  9: 'not in group',
  11: 'group already exist',
  239: 'api not signed or sign parameter not completion',
  240: 'group exceed max member count',
  242: 'sensitive matched',
  243: 'sign expired',
  244: 'auth failure',
  246: 'user in black list',
  248: 'no right to operate',
  249: 'timeout',
  250: 'over frequency',
  251: 'Invalid parameter',
  253: 'not exist',
} as const;

export type VendorCode = keyof typeof TEXTS;

/** The errors before an operation begins, which the vendor's server nests. */
const BEFORE: readonly VendorCode[] = [239, 243, 244, 250];

/** An error in the vendor's terms. `crash`: HTTP 500 without a body, as the vendor's server answers what it can't read. */
export class WildfireChatError extends Error {
  constructor(readonly code: VendorCode | 'crash') {
    super(code === 'crash' ? 'the request can not be read' : TEXTS[code]);
  }
}

export const CODES: VendorCodes<VendorCode> = {
  kinds: {
    invalid: 251,
    tooLarge: 251,
    unauthenticated: 244,
    forbidden: 248,
    notFound: 253,
    gone: 253,
    conflict: 248,
    busy: 250,
    unavailable: 249,
    misuse: 4,
    internal: 4,
  },
  exceptions: {
    APP_NOT_FOUND: 244,
    NOT_A_MEMBER: 9,
    GROUP_EXISTS: 11,
    CAPACITY_REACHED: 240,
    NAME_FORBIDDEN: 242,
    USER_BLOCKED: 246,
  },
};

/** Throws the error of the first user that a command refused, but for those whom the vendor's server ignores. */
export function mustHaveDone(
  results: readonly { readonly ok: boolean; readonly code?: ErrorCode }[] = [],
  ignored: readonly ErrorCode[] = [],
): void {
  const refused = results.find(({ ok, code }) => !ok && (code === undefined || !ignored.includes(code)));
  if (refused !== undefined) throw new WildfireChatError(vendorCode(CODES, refused.code ?? 'INTERNAL'));
}

export const errors: DialectErrors<WildfireChatError> = {
  type: WildfireChatError,
  from: ({ code }: CohortError) => new WildfireChatError(vendorCode(CODES, code)),
  notFound: () => new WildfireChatError('crash'),
  reply: ({ code }, { method }) => {
    // The vendor's server answers HEAD without looking at the path.
    if (code === 'crash') return { status: method === 'HEAD' ? 200 : 500, body: undefined };
    const error = { code, msg: TEXTS[code] };
    return { status: 200, body: BEFORE.includes(code) ? { ...error, result: error } : error };
  },
  schema: {
    type: 'object',
    properties: {
      code: { type: 'integer', enum: Object.keys(TEXTS).map(Number) },
      msg: { type: 'string', enum: Object.values(TEXTS) },
      result: { type: 'object', description: 'of failures of authentication: the same once more' },
    },
    required: ['code', 'msg'],
  },
};
