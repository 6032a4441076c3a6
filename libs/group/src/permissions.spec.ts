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
const ROWS = rows();
const actorOf = (by: Standing): Actor => (by === 'service' ? service : user(by));

/** The user that the row is about: the actor if another row covers other users, else another user. */
function targetOf({ action, target }: Row, by: Standing): string {
  if (target === 'owner') return 'owner';
  if (target === 'admin') return by === 'admin' ? 'admin2' : 'admin';
  const isForOneself = target === undefined && ROWS.some((row) => row.action === action && row.target === 'others');
  return isForOneself && by !== 'service' ? by : 'member2';
}

/** The answer of `decide` to the actor: a code for the command, or for the user that the row is about. */
function codeOf(row: Row, by: Standing, state = stateUnder(row.settings)): ErrorCode | undefined {
  const userId = targetOf(row, by);
  const { type, data } = exampleOf(row.action, userId);
  const decision = decide({ type, data: { ...data, actor: actorOf(by) } } as GroupCommand, state, context);
  if (!decision.ok) return decision.error.code;
  const { results = [], fileResults = [] } = decision;
  const isOfTarget = (result: UserResult | FileResult) =>
    ('userId' in result ? result.userId : result.fileId) === userId;
  return [...results, ...fileResults].find(isOfTarget)?.code;
}

const cells = ROWS.flatMap((row) =>
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

/** Every combination of the settings' values. */
const combinations = Object.entries(DEFAULT_SETTINGS).reduce<readonly Partial<GroupSettings>[]>(
  (all, [name, value]) => all.flatMap((settings) => valuesOf(name, value).map((one) => ({ ...settings, [name]: one }))),
  [{}],
) as readonly GroupSettings[];

function valuesOf(name: string, value: unknown): readonly unknown[] {
  if (typeof value === 'boolean') return [true, false];
  return name === 'visibility' ? VISIBILITIES : JOIN_POLICIES;
}

const plain = cells.filter(({ row }) => row.settings === undefined && row.target === undefined);
const conditional = ROWS.filter(({ settings }) => settings !== undefined);

/** The verdict by the first row for these settings, else by the action's general row. */
function expectedOf({ row, by, verdict }: (typeof cells)[number], settings: GroupSettings): Verdict {
  const fits = conditional.find(
    (one) =>
      one.action === row.action &&
      Object.entries(one.settings!).every(([name, value]) => settings[name as keyof GroupSettings] === value),
  );
  return fits?.cells[by] ?? verdict;
}

test('under every combination of settings each action is decided as the first row that fits says, or as its general row', () => {
  expect(combinations).toHaveLength(VISIBILITIES.length * JOIN_POLICIES.length * 2 ** 6);
  const wrong = combinations.flatMap((settings) => {
    const state = stateUnder(settings);
    return plain.flatMap((cell) => {
      const code = codeOf(cell.row, cell.by, state);
      const actual = codes.has(code) ? code! : 'allowed';
      const expected = expectedOf(cell, settings);
      return actual === expected ? [] : [{ settings, action: cell.row.action, by: cell.by, actual, expected }];
    });
  });
  expect(wrong).toEqual([]);
});

test('no two features have a row for the same action: one would hide the other', () => {
  const actions = Object.values(PERMISSIONS_BY_FEATURE).flatMap((permissions) => Object.keys(permissions));
  expect(actions).toEqual([...new Set(actions)]);
});

test('each feature has a row for each command that it decides', () => {
  const names = (features: object) =>
    Object.entries(features).map(([feature, rows]: [string, object]) => [feature, Object.keys(rows).sort()]);
  expect(names(PERMISSIONS_BY_FEATURE)).toEqual(names(FEATURES));
});
