import type { RowCases } from '../cases';

/** What a row answers other than most: they need a token, and `20001` for a group that is unknown or dismissed. */
export interface RowAnswers {
  /** Its whole body without a token, if it needs none. */
  readonly withoutToken?: unknown;
  readonly onGroup?: RowCases | 'names no group';
}

const open = (withoutToken: unknown): RowAnswers => ({ withoutToken, onGroup: 'names no group' });
const namesNoGroup: RowAnswers = { onGroup: 'names no group' };
const here = [{ protocol: 'http', host: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown }];

/** These rows are tested with a store in files.int-spec.ts. */
const noStore = { code: 20000, message: 'This gateway has no store of files.' };

/** A list of groups leaves out those that the caller may not know of. */
const none = { status: 200, body: { code: 200, data: [] } };

/** The rows that answer otherwise, by name. */
export const ROWS: Readonly<Record<string, RowAnswers>> = {
  addresses: open({
    code: 200,
    data: { version: 1, dns_list: [{ group_level: 0, clusters: [{ ratel: here, webim: here, ws: here, rtc: here }] }] },
  }),
  config: open({ code: 200, data: {} }),
  root: open({ code: 200 }),
  uploadAvatar: open(noStore),
  downloadAvatar: open(noStore),
  downloadFile: open(noStore),
  roster: namesNoGroup,
  joinedGroups: namesNoGroup,
  publicGroups: namesNoGroup,
  create: namesNoGroup,
  applications: namesNoGroup,
  invitations: namesNoGroup,
  joinByCode: namesNoGroup,
  joinByCodeOfSdk: namesNoGroup,
  infos: { onGroup: { unknownGroup: () => none, dismissedGroup: () => none } },
};
