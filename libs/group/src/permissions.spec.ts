import {
  DEFAULT_SETTINGS,
  JOIN_POLICIES,
  VISIBILITIES,
  type Actor,
  type ErrorCode,
  type FileResult,
  type GroupCommand,
  type UserResult,
  type GroupSettings,
} from '@cohort/contracts';
import { adminGranted, created, fileShared, joined, service, settingsChanged, user } from '@cohort/contracts/testing';
import { decide, FEATURES } from './decide';
import { STANDINGS, type Standing, type Verdict } from './permission';
import { PERMISSIONS_BY_FEATURE } from './permissions';
import { context, exampleOf, stateAfter } from './testing';
import { rows, type Row } from './testing/feature-page';

const events = [
  created('owner'),
  joined('join', 5, 'admin', 'admin2', 'member', 'member2'),
  adminGranted('admin', 'admin2'),
  // Each has shared a file, whose id is theirs.
  ...['owner', 'admin', 'admin2', 'member', 'member2', 'stranger'].map((id) => fileShared(id, id)),
];
const stateUnder = (settings: Partial<GroupSettings> = {}) => stateAfter([...events, settingsChanged(settings)]);
const actorOf = (by: Standing): Actor => (by === 'service' ? service : user(by));

/** The user that the row is about: the actor if another row covers other users, else another user. */
function targetOf({ action, target }: Row, by: Standing): string {
  if (target === 'owner') return 'owner';
  if (target === 'admin') return by === 'admin' ? 'admin2' : 'admin';
  const isForOneself = target === undefined && rows().some((row) => row.action === action && row.target === 'others');
  return isForOneself && by !== 'service' ? by : 'member2';
}

/** The answer of `decide` to the actor: a code for the command, or for the user that the row is about. */
function codeOf(row: Row, by: Standing): ErrorCode | undefined {
  const userId = targetOf(row, by);
  const { type, data } = exampleOf(row.action, userId);
  const decision = decide(
    { type, data: { ...data, actor: actorOf(by) } } as GroupCommand,
    stateUnder(row.settings),
    context,
  );
  if (!decision.ok) return decision.error.code;
  const { results = [], fileResults = [] } = decision;
  const isOfTarget = (result: UserResult | FileResult) =>
    ('userId' in result ? result.userId : result.fileId) === userId;
  return [...results, ...fileResults].find(isOfTarget)?.code;
}

const cells = rows().flatMap((row) =>
  STANDINGS.map((by) => ({
    row,
    by,
    verdict: row.cells[by],
    what: `${row.action}${row.target ? ` (${row.target})` : ''}${row.settings ? ` under ${JSON.stringify(row.settings)}` : ''}`,
  })),
);
/** The codes of the table. Any other code, such as GROUP_EXISTS, is no matter of permission. */
const codes = new Set<Verdict | undefined>(cells.map(({ verdict }) => verdict));

test.each(cells)('$what by $by is decided as the table says: $verdict', ({ row, by, verdict }) => {
  const code = codeOf(row, by);
  expect(codes.has(code) ? code : 'allowed').toBe(verdict);
});

/** Every setting with each of its values, alone: those that no row of an action names don't matter to it. */
const single: readonly Partial<GroupSettings>[] = [
  ...VISIBILITIES.map((visibility) => ({ visibility })),
  ...JOIN_POLICIES.map((joinPolicy) => ({ joinPolicy })),
  ...Object.entries(DEFAULT_SETTINGS).flatMap(([name, value]) =>
    typeof value === 'boolean' ? [{ [name]: true }, { [name]: false }] : [],
  ),
];
const plain = cells.filter(({ row }) => row.settings === undefined && row.target === undefined);

test.each(single)(
  'under %j each action is decided as the row for these settings says, or as its general row',
  (settings) => {
    for (const { row, by, verdict } of plain) {
      const fits = rows().find(
        (one) =>
          one.action === row.action &&
          one.settings !== undefined &&
          Object.entries(one.settings).every(
            ([name, value]) => ({ ...DEFAULT_SETTINGS, ...settings })[name as keyof GroupSettings] === value,
          ),
      );
      const code = codeOf({ ...row, settings }, by);
      const expected = fits?.cells[by] ?? verdict;
      expect([row.action, row.target, by, codes.has(code) ? code : 'allowed']).toEqual([
        row.action,
        row.target,
        by,
        expected,
      ]);
    }
  },
);

test('no two features have a row for the same action: one would hide the other', () => {
  const actions = Object.values(PERMISSIONS_BY_FEATURE).flatMap((permissions) => Object.keys(permissions));
  expect(actions).toEqual([...new Set(actions)]);
});

test('each feature has a row for each command that it decides', () => {
  const names = (features: object) =>
    Object.entries(features).map(([feature, rows]: [string, object]) => [feature, Object.keys(rows).sort()]);
  expect(names(PERMISSIONS_BY_FEATURE)).toEqual(names(FEATURES));
});
